"""Reads the directions of a prescription to a maintenance interval and a loading part, by a small grammar.

The text is made uniform and cut into words (`vocabulary`), and read from left to right as a list of items (`items`):
how often (`frequencies`), for how long, until when, how much, a note without a frequency, a break (`parser`). The items
are put together to loading parts and one maintenance interval (`plan`). A text is `read` (`reading`) only when every
one of its words was taken by an item and the items fit together; nothing is guessed, and a word that is not in the
vocabulary leaves the whole text unread.

Choices where the standard is silent or where its words meet:

* "weekly for 4 weeks then every 3 months" states two maintenance intervals, because weekly or longer is maintenance,
  and is therefore unread. So is a text that says "loading" or "initially" of an interval of a week or longer.
* "once a week" is weekly; twice a week or more often is loading. "4 times a year" is every 3 months, "twice a month"
  is no whole number of months and unread, and so are "bimonthly" and "biweekly", which mean two things.
* 12 weeks and 3 months are different intervals; 12 weeks and 84 days are the same.
* "n/12" without `every` is an interval, unless a frequency or a word of a date ("given 3/12") stands before it.
* "N weekly injections" and "N monthly doses" may count the injections, and stay unread; so does "1-3 monthly" (one
  ampoule every three months?), and "3 weekly for 2 weeks", whose length does not hold two of the intervals.
* Anything conditional, negated or superseded ("or as required", "not", "was", "now", "minimum", "review") is outside
  the vocabulary. A text of known words that states no frequency ("by nurse", "stat") is unread too.
"""
