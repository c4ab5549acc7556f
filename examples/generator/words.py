# SPDX-License-Identifier: Apache-2.0
"""What the speakers of the speech example say, and what a recogniser may hear instead."""

PATTERNS = [
    "{who} {did} {dose} of {drug} {when} and {feels}",
    "please {ask} {who} to {action} {when}",
    "{who} has had the {trouble} since {when} and {did} {drug}",
    "the {trouble} {changed} after {dose} of {drug}",
    "we will {action} {when} if the {trouble} has not {changed}",
    "{who} says the {trouble} {changed} {when} so please {action}",
]

CHOICES = {
    "who": ["the patient", "mister hughes", "missus carter", "the night nurse", "her daughter",
            "doctor meyer"],
    "did": ["was given", "has taken", "refused", "asked for", "forgot"],
    "dose": ["two tablets", "five millilitres", "half a dose", "fifty milligrams",
             "a second dose"],
    "drug": ["paracetamol", "ibuprofen", "amoxicillin", "insulin", "the blood thinner",
             "the cough syrup"],
    "when": ["this morning", "before lunch", "at nine tonight", "on tuesday", "the day before",
             "after the visit"],
    "feels": ["feels much better", "is still in pain", "slept well", "would like to go home",
              "felt dizzy"],
    "ask": ["ask", "remind", "tell", "help"],
    "action": ["check the blood pressure", "change the dressing", "call the ward",
               "write a new prescription", "book an x ray", "measure the temperature"],
    "trouble": ["cough", "chest pain", "swelling", "high fever", "rash", "shortness of breath"],
    "changed": ["went away", "got worse", "did not change", "came back"],
}

CONFUSED = {
    "two": "to", "four": "for", "ward": "word", "rash": "rush", "pain": "pen", "cough": "coffee",
    "fever": "favour", "dose": "those", "half": "have", "tablets": "tables", "nurse": "nose",
    "breath": "breadth", "lunch": "launch", "visit": "visits", "fifty": "fifteen", "felt": "fell",
    "insulin": "insolent", "given": "giving", "dressing": "addressing", "tuesday": "thursday",
    "nine": "mine", "syrup": "stirrup", "blood": "flood", "worse": "worst", "slept": "swept",
}

FILLERS = ["the", "a", "and", "uh", "to", "of"]


def say(draw):
    words = draw.one_of(PATTERNS)
    while "{" in words:
        start, end = words.index("{"), words.index("}")
        words = words[:start] + draw.one_of(CHOICES[words[start + 1:end]]) + words[end + 1:]
    return words.split(" ")


def hear(draw, words, error_rate):
    """What a recogniser makes of words when about error_rate of them go wrong."""
    heard = []
    for word in words:
        if not draw.chance(error_rate):
            heard.append(word)
            continue
        what = draw.below(100)
        if what < 60:
            heard.append(CONFUSED.get(word, draw.one_of(FILLERS)))
        elif what < 85:
            continue
        else:
            heard += [word, draw.one_of(FILLERS)]
    return heard
