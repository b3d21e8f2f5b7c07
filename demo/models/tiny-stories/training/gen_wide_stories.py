#!/usr/bin/env python3
"""Writes stories of a wider world than gen_stories.py: more plots, any name, a third person, and stories of two parts.

usage: gen_wide_stories.py OUT.txt [--megabytes 16] [--seed 1]

The plots of gen_stories.py are here too, told with all names. One name in five is made up of syllables, so that a
model must take it from the story and can not know it. A story of two parts is a plot and then another of the same persons.
"""
import argparse, random, re

import gen_stories
from gen_stories import ANAMES, ANIMALS, BOYS, DAY, GIRLS, PRO, Story
from plots_home import HOME
from plots_outside import OUTSIDE
from plots_tales import TALES
from plots_work import WORK

GIRLS += "Sarah Laura Julia Hannah Eva Lily Grace Sophie Charlotte Amelia Chloe Isla Mila Aria Elena Ines Carmen Lola Fatima Aisha Leila Mei Sakura Hana Ingrid Astrid Matilda Martha Rose Lea".split()
BOYS += "James John David Daniel Thomas William Oliver Liam Lucas Mateo Carlos Pablo Ali Hassan Ibrahim Chen Hiro Lars Erik Bjorn Nils Anton Emil Anders Victor Arthur Walter Charlie Alex Robin".split()
CONSONANTS = "b d f g h j k l m n p r s t v w z br ch dr fl gr kl pr sh st tr".split()
VOWELS = "a e i o u a e i o ai ee oo".split()
ENDINGS = ["", "", "", "n", "l", "r", "s", "k", "m", "t", "x", "nd"]
NUMBERS = "three four five six seven eight nine ten twelve twenty".split()
PETS = [("a puppy", "dog"), ("a kitten", "cat"), ("a rabbit", "rabbit"), ("a hamster", "hamster"), ("a little parrot", "parrot"), ("a turtle", "turtle"), ("a guinea pig", "guinea pig")]
PET_NAMES = "Socks Fluffy Spot Biscuit Pepper Cookie Snowball Patch Mittens Bella Rex Nugget Shadow Cinnamon Pebbles Waffles".split()

ONLY_HUMAN = set("tooth glasses play newchild librarybook bus museum team shopday firebrigade postman knit princess threewishes lostlamb sunwind goldengoose stars littlestar riverspirit stonesoup shadow storyteller beehive lostmap moving pet captain pancakes bigmess blanket".split())
ONLY_ANIMAL = {"lionmouse"}
HEADLESS = {"princess", "littlestar"}
# Plots that begin with persons whom the reader knows: a story may go on with them.
SECOND = "lost fear share help skill snow rain magic honest treasure seed birthday sleep sick nest space lostwoods toyfix market boat balloon bakery letter sea concert fishing camp picnic soup darkhouse tooth bigmess pancakes lostshoe kitewind firefly mushroom garbage island2 nightwalk lostmap bus captain painter inventor museum foxgrapes".split()
NEXT = ["A week went by.", "Some days later, something else happened.", "But that was not all.", "The story does not end there.", "Not long after that, there was something new.", "Then came the autumn.", "Then came the summer.", "And what happened next?"]
LONGEST = 1600  # characters, so that most stories fit a context of 512 tokens


class WideStory(Story):
    def __init__(self, rng):
        super().__init__(rng)
        self.S |= HOME | OUTSIDE | WORK | TALES
        self.kinds = list(self.S)
        self.human = self.human | ONLY_HUMAN
        self.headless = self.headless | HEADLESS
        self.introduces = self.introduces | {"princess", "threewishes"}

    def made_up_name(self):
        r = self.r
        parts = [r.choice(CONSONANTS) + r.choice(VOWELS) for _ in range(r.choice([1, 2, 2, 2, 3]))]
        return ("".join(parts) + r.choice(ENDINGS if len(parts) > 1 else ENDINGS[3:])).capitalize()

    def person(self):
        name, he, sp = super().person()
        return self.made_up_name() if self.r.random() < .2 else name, he, sp

    def animal_name(self):
        u = self.r.random()
        return self.made_up_name() if u < .15 else self.r.choice(GIRLS + BOYS) if u < .3 else super().animal_name()

    def animal_pronoun(self, name):
        return "she" if name in GIRLS else "he" if name in BOYS else super().animal_pronoun(name)

    def plot(self):
        r = self.r
        kind = r.choice(self.kinds)
        moral, beats = self.S[kind]
        self.animals = 1 if kind in ONLY_ANIMAL else .4
        if r.random() < .3 and kind in SECOND:
            other = r.choice(SECOND)
            if other != kind and not (other in self.human and kind not in self.human):
                moral, more = self.S[other]
                # The second part has words of its own: {ob} is {ob_2} in it.
                own = lambda m: m.group(0) if m.group(1) in self.persons else f"{{{m.group(1)}_2}}"
                beats = beats + [f"// {r.choice(NEXT)}"] + [re.sub(r"\{(\w+)\}", own, b) for b in more]
        return kind, moral, beats

    # The slots that are the same in both parts of a story.
    persons = set("N he him his himself F F2 fhe fhim fhis A ahe ahim ahis He His Fhe Fhis Ahe G Gtag Gobj".split())

    def words(self, c):
        r = self.r
        for end in ("", "_2"):
            own = {}
            super().words(own)
            own["num"] = r.choice(NUMBERS); own["pet"], kind_of_pet = r.choice(PETS); own["petname"] = r.choice(PET_NAMES)
            own["old"] = r.choice(["woman", "man"])
            day = r.choice(DAY); own["day"] = day[0].lower() + day[1:]
            c |= {name + end: word for name, word in own.items()}
        c["royal"] = "prince" if c["he"] == "he" else "princess"
        while True:
            if r.random() < .5:
                c["G"], ghe, kind = self.person(); c["Gtag"] = f"a {kind} named {c['G']}"
            else:
                c["G"], kind = self.animal_name(), r.choice(ANIMALS); ghe = self.animal_pronoun(c["G"]); c["Gtag"] = f"{c['G']} the {kind}"
            if c["G"] not in (c["N"], c["F"]): break
        c["Gobj"] = PRO[ghe][1]

    def expand(self, text, c):
        # Say once who the third person is.
        if "{Gtag}" not in text and " the " in c["Gtag"]: text = text.replace("{G}", "{Gtag}", 1)
        return super().expand(text, c)

    def make(self):
        while True:
            t = super().make()
            if len(t) <= LONGEST: return t


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("out"); ap.add_argument("--megabytes", type=float, default=16); ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    gen_stories.write(a.out, WideStory(random.Random(a.seed)), a.megabytes)
