"""The card of a compound (一院一档): everything on record and everything found about it, as the questions answer it.

A card holds nothing of its own: each part is the rows of a layer that `compound=` selects, with the answers of named questions beside them, so that it
says exactly what the map, the table and an export say.
"""

from geo.card.card import READS as READS
from geo.card.card import Card as Card
from geo.card.card import card as card
from geo.card.contents import Line as Line
from geo.card.contents import contents as contents
from geo.card.contents import unknown_community as unknown_community
from geo.card.gas import earlier as earlier
from geo.card.groups import GROUPS as GROUPS
