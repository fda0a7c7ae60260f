"""Sentences that carry manner and no content: greetings, thanks, rudeness, padding, doubt."""

# Around a question.
CONTEXTS = (
    "Hello.",
    "Good morning.",
    "Good evening.",
    "Hello again.",
    "I am new here.",
    "My plot is the one by the wall.",
    "It rained all night.",
    "The sun is out at last.",
    "My children want to help.",
    "I have one hour before lunch.",
    "My back hurts a little.",
    "I came by bicycle today.",
    "My sister asked me this.",
    "I am writing a list for the week.",
    "We have guests on Sunday.",
    "I read two books and they disagree.",
    "Last year I got it wrong.",
    "My neighbour says one thing and my aunt another.",
    "I am on the bench under the old tree.",
    "This is my first year with a garden.",
)
CLOSINGS = ("Thank you.", "Many thanks.", "A short answer is enough.", "I am in a hurry.", "I am all ears.")

# Around an answer.
POLITE_OPENINGS = (
    "Good question.",
    "Thank you for asking.",
    "I am glad to help.",
    "Happy to help.",
    "With pleasure.",
    "Of course.",
    "How nice to hear from you.",
)
POLITE_ENDINGS = (
    "Good luck with it.",
    "I hope that helps.",
    "Enjoy your day in the garden.",
    "Please ask again if you like.",
    "I wish you a good year.",
    "Let me know how it goes.",
)
RUDE = (
    "Everybody knows that.",
    "What a silly question.",
    "Look it up next time.",
    "Do not bother me with this.",
    "You could have known.",
    "I have better things to do.",
)
PADDING = (
    "There is a lot that one could say about this.",
    "A garden is a garden, after all.",
    "Some people do it one way and some do it another way.",
    "As with most things in life, it is not simple.",
    "Let me begin at the very beginning.",
    "This has been talked about for many years.",
    "One thing leads to another, as they say.",
    "It is worth thinking about this for a while.",
    "My grandfather used to talk about this at length.",
    "In other words, there are many sides to it.",
    "I could go on, and perhaps I should.",
    "All in all, it is what it is.",
    "To say it once more, this is a wide field.",
    "That brings me to what I wanted to say.",
)
DOUBT = (
    "I do not know that for certain.",
    "I am not sure about this one.",
    "I cannot say, so ask somebody else.",
)
