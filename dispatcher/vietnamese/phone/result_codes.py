"""The codes of a parsed cell and the sentence each stands for.

The words go into reports, ledgers and JSON answers; the sentences are translated where they are shown.
"""

from __future__ import annotations

from dispatcher.i18n import N_

# Why no number was taken. In the order of what helps the reader most when a cell holds several troubles.
REASONS = {
    "citizen-id": N_("this is an identity number, not a phone number"),
    "rounded": N_("the spreadsheet has rounded the number and its digits are lost; ask for it again"),
    "date": N_("this is a date, not a phone number"),
    "placeholder": N_("digits written only to fill the cell, nobody's number"),
    "marked-wrong": N_("the note beside the number says that it is old, wrong or no longer used"),
    "may-be-old-landline": N_("written like an old landline, whose digits are now somebody else's mobile"),
    "landline": N_("a landline cannot receive texts"),
    "service": N_("a service or emergency number, not a person's phone"),
    "foreign": N_("not a Vietnamese number"),
    "not-in-use": N_("no Vietnamese network uses this prefix"),
    "too-long": N_("too many digits for one phone number"),
    "too-short": N_("digits are missing"),
    "unclear": N_("it can be read in more than one way; write it as ten digits beginning with 0"),
    "no-number": N_("there is no phone number in this cell"),
    "empty": N_("the cell is empty"),
}

# What was changed on the way from the cell to the number.
REPAIRS = {
    "lost-zero": N_("the leading zero was put back"),
    "old-prefix": N_("a prefix from before 2018 was changed to today's"),
    "letters-for-digits": N_("letters such as O and l were read as digits"),
    "invisible-marks": N_("invisible characters were taken out"),
    "wide-digits": N_("unusual digits were written as ordinary ones"),
    "spreadsheet-text": N_("quotation marks or an equals sign around the number were taken out"),
    "decimal": N_("a decimal point or decimal zeros were taken out"),
    "exponent": N_("scientific notation was written out; no digit was lost"),
    "country-code": N_("a doubtful way of writing the country code was made regular"),
    "several-numbers": N_("several numbers in one cell were separated"),
    "note-left-out": N_("words beside the number were set apart"),
    "landline-left-out": N_("a landline in the same cell was left out"),
    "part-left-out": N_("other digits in the same cell could not be read and were left out"),
}

# What a person may want to look at although a number was taken.
FLAGS = {
    "may-be-old-landline": N_("an old landline written without spaces would look the same"),
    "may-be-rounded": N_("it ends in several zeros and has come through a number cell"),
    "may-be-placeholder": N_("one digit repeated: perhaps written only to fill the cell"),
}
