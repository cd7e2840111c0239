"""What the fields of the bundled kinds are called in a record, and in which units they are.

What needs a doctor is asked in fixed words; a test holds them to those that the person was shown.
"""

from __future__ import annotations

from collections.abc import Mapping

#: What a field is called where its name does not say it, by kind.
LABELS: Mapping[str, Mapping[str, str]] = {
    "cramp": {
        "duration": "How long it lasted",
        "part": "Part of the night; the time is not known",
        "asleep": "It woke the person",
        "hard_knot": "The muscle was hard to the touch",
        "sore_after": "The muscle was sore afterwards",
        "swelling": "One leg was swollen",
        "numbness": "It was numb, or tingling",
        "weakness": "The leg is getting weaker",
        "leg_colour": "Colour of the leg or foot",
        "leg_temperature": "The leg or foot to the touch",
        "leg_injury": "It was injured, and cannot take weight, is out of shape, or gets worse",
    },
    "night": {
        "disturbed_sleep": "How much cramps disturbed sleep, 0 to 10",
        "woken": "How often the person woke",
        "hours_slept": "Hours of sleep",
    },
    "day": {
        "unusual": "More activity than usual",
        "alcohol": "Alcoholic drinks",
        "stress": "Stress, 0 to 10",
        "heat": "It was hot, or the person sweated a lot",
    },
    # Answers to questions that ask for several things at once: each with all that was asked, and no more than that.
    "symptoms": {
        "breathless": "A swollen, warm or painful leg, and breathlessness, chest pain, coughing blood or fainting?",
        "cold_foot": "Sudden pain in a leg or foot that is cold, pale or blotchy, numb or tingling, or cannot be "
        "moved?",
        "saddle_numbness": "Back or leg pain with numbness between the legs, a change of bladder, bowels or sexual "
        "feeling, nerve pain (sciatica) shooting from the back or bottom down both legs, or both legs getting weaker?",
        "tense_swelling": "Sudden, severe pain that does not let up, and a tense swelling, perhaps after an injury "
        "or under a cast?",
        "after_drinking": "After drinking a lot: confusion, a seizure, a severe headache, or vomiting again and again?",
        "quinine_bleeding": "Do you take quinine, and bleed heavily or have collapsed?",
        "injured_numb": "An injured leg that is out of shape, numb or cold?",
        "swelling": "One leg swollen, warm, red or darker, with hard sore veins, or with a pain that stays?",
        "over_10_minutes": "A cramp that lasted longer than 10 minutes and did not ease with stretching?",
        "wound_or_poison": "Cramps since dirt got into a wound, or after contact with something poisonous, such as "
        "lead or mercury?",
        "statin_pain": "Do you take a statin, and have muscle pain, tenderness, weakness or cramps that you cannot "
        "explain?",
        "quinine_reaction": "Do you take quinine, and have bruises, bleeding, purple spots, a change of hearing or "
        "sight, or palpitations?",
        "rest_pain": "Foot or toe pain at rest, worse at night or with the leg raised, or eased by letting it hang; "
        "a sore that does not heal; or a leg that hurts all the time at rest, changes colour or cannot be moved?",
        "pregnant_one_leg": "Pregnant, or within six weeks after a birth, with pain or swelling in one leg?",
        "leg_injury": "An injury with a crack, or an injured leg that cannot take your weight or gets worse?",
        "child_unwell": "Is this about a child who limps or cannot bear weight, has a fever, is unwell, was injured, "
        "or has a swollen or hot joint or leg?",
        "weaker_quickly": "Weakness, tripping or spreading twitching that gets worse quickly?",
        "diabetes_sore": "Diabetes and a sore on a foot?",
        "child_pain": "Is this about a child whose pain is on one side, in a joint, there in the morning, getting "
        "worse, or in arms or back too; or who is under 3, loses weight or sweats at night?",
        "weakness": "Over weeks: a leg that gets weaker or thinner, a foot that drops, tripping, or twitching that "
        "spreads?",
        "numbness": "Numbness, tingling or swelling in the legs along with cramps, or a sore on a foot?",
        "walking_pain": "Leg pain when you walk that goes when you rest?",
        "after_medicine": "Cramps that began or got worse after a medicine was started or changed?",
        "care_team": "Kidney, liver or heart disease, dialysis, or diabetes?",
        "disturbed": "Cramps that come often, disturb your sleep or your days, or do not get better with what you try?",
        "whole_body": "Newly tired, cold or thirsty, or a change of weight?",
        "numb_or_long": "Numbness, or a cramp over 10 minutes?",
    },
    "profile": {
        "adult": "Are you 18 or older?",
        "fluids": "May you drink freely?",
        "balance": "Are you steady on your feet?",
        "pregnant": "Are you pregnant?",
        "anticoagulant": "Do you take a medicine against blood clots?",
    },
}
UNITS: Mapping[str, Mapping[str, str]] = {
    "cramp": {"duration": "min"},
    "night": {"hours_slept": "h"},
    "day": {"activity_minutes": "min"},
    "stretch": {"minutes": "min"},
}
