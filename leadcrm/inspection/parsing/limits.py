"""How much a file may ask of its reader."""

MIB = 1024 * 1024
MOST_MEMORY = 2048 * MIB  # of addresses; libraries map a few hundred before anything is read
CPU_SECONDS = 60
WALL_SECONDS = 120
MOST_OPEN = 32
MOST_BYTES = 512 * MIB  # of a file
MOST_SAID = 4096
MOST_TEXT = 20 * MIB  # of UTF-8; a book has one
MOST_CLEANED = 256 * MIB
MOST_PAGES = 2_000
MOST_PIXELS = 220_000_000  # of one picture: telephones go to 200 million
MOST_PIXELS_IN_ALL = 1_500_000_000  # of all pages of a scan: 170 of A4 at 300 dots an inch
