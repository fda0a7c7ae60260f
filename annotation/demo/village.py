"""What is true in shed, house and lane: tools, stains and neighbours."""

from annotation.demo.topic import Topic

TOOLS = Topic(
    "tools",
    {
        "spade": "in the green shed",
        "rake": "in the green shed",
        "hoe": "by the gate",
        "ladder": "behind the glass house",
        "saw": "on the top shelf",
        "watering can": "under the bench",
        "barrow": "behind the glass house",
        "string": "in the wooden box",
        "bucket": "under the bench",
        "shears": "on the top shelf",
        "sieve": "in the green shed",
        "hammer": "in the wooden box",
        "lamp": "on the top shelf",
        "broom": "by the gate",
        "hose": "under the bench",
        "gloves": "in the wooden box",
    },
    (
        "Where do I find the {x}?",
        "Where do you keep the {x}?",
        "I am looking for the {x}. Where should I look?",
        "Do you know where to find the {x}?",
    ),
    (
        "Look for the {x} {a}.",
        "You will find the {x} {a}.",
        "We keep the {x} {a}.",
        "The place for the {x} is {a}.",
    ),
    "{A}.",
    (
        "Put it back when you are done.",
        "Clean it before you put it back.",
        "The key hangs on the nail.",
        "Mind the step.",
    ),
    {
        "in the green shed": "green shed",
        "by the gate": "gate",
        "behind the glass house": "glass house",
        "on the top shelf": "top shelf",
        "under the bench": "bench",
        "in the wooden box": "wooden box",
    },
)

STAINS = Topic(
    "stains",
    {
        "mud": "a dry brush",
        "grass": "vinegar",
        "ink": "milk",
        "candle wax": "a warm iron",
        "tea": "salt",
        "rust": "lime juice",
        "soot": "white bread",
        "wine": "salt",
        "tar": "butter",
        "egg": "cold water",
    },
    (
        "How do I get {x} out of a coat?",
        "There is {x} on my best shirt. What takes it out?",
        "What do you use for {x} on a table cloth?",
        "I have {x} on my sleeve. What now?",
    ),
    (
        "Use {a} for {x}.",
        "{A} takes {x} out.",
        "For {x} we use {a}.",
        "Rub the {x} with {a}.",
    ),
    "{A}.",
    (
        "Try it on a corner first.",
        "Be quick and be gentle.",
        "Wash it as usual after that.",
        "Let it dry in the sun.",
    ),
    {
        "a dry brush": "brush",
        "vinegar": "vinegar",
        "milk": "milk",
        "a warm iron": "iron",
        "salt": "salt",
        "lime juice": "lime",
        "white bread": "bread",
        "butter": "butter",
        "cold water": "cold water",
    },
)

NEIGHBOURS = Topic(
    "neighbours",
    {
        "keeps bees": "Ada",
        "mends shoes": "Bruno",
        "has a trailer": "Clara",
        "bakes for the feast": "Emil",
        "looks after the well": "Flora",
        "sells eggs": "Gus",
        "plays the fiddle": "Hanna",
        "prunes the old trees": "Ivan",
        "has the key to the hall": "Jonah",
        "reads the rain gauge": "Kira",
    },
    (
        "Who {x}?",
        "Do you know who {x}?",
        "I am new here. Who {x}?",
        "Somebody told me that a neighbour {x}. Who is it?",
    ),
    (
        "{a} {x}.",
        "It is {a} who {x}.",
        "The one who {x} is {a}.",
        "You want {a}, who {x}.",
    ),
    "{a}.",
    (
        "Knock twice.",
        "Sunday is a good day to ask.",
        "The house is the last one in the lane.",
        "Bring a small gift.",
    ),
)
