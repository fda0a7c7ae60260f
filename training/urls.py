"""The app's addresses."""

app_name = "training"
urlpatterns = []
