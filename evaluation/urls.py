"""The app's addresses."""

app_name = "evaluation"
urlpatterns = []
