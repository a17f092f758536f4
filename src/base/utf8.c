#include "base/utf8.h"

size_t
utf8_decode(const char *bytes, size_t length, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)bytes;
	uint32_t found;
	size_t count;

	if (length == 0)
		return 0;
	count = at[0] < 0x80   ? 1
		: at[0] < 0xc0 ? 0
		: at[0] < 0xe0 ? 2
		: at[0] < 0xf0 ? 3
		: at[0] < 0xf8 ? 4
			       : 0;
	if (count == 0 || count > length)
		return 0;
	found = count == 1 ? at[0] : at[0] & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		found = found << 6 | (at[i] & 0x3f);
	}
	if (found < least[count] || found > 0x10ffff ||
	    (found >= 0xd800 && found <= 0xdfff))
		return 0;
	*code = found;
	return count;
}

uint32_t
utf8_from_windows(unsigned char byte)
{
	/* The bytes 0x80 to 0x9f; those that are not assigned stay as they are. */
	static const uint16_t upper[32] = {0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026,
	    0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
	    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
	    0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178};

	return byte >= 0x80 && byte < 0xa0 ? upper[byte - 0x80] : byte;
}

/* In the order of their codes; names as in the Unicode standard, in lower case. */
static const struct range {
	uint32_t first, last;
	const char *name;
	char plain; /* '\0': delete it */
} ranges[] = {
    {0x0085, 0x0085, "a next-line character", '\0'},
    {0x00a0, 0x00a0, "a no-break space", ' '},
    {0x00ab, 0x00ab, "a quotation mark", '"'},
    {0x00ad, 0x00ad, "a soft hyphen, which is invisible", '\0'},
    {0x00b4, 0x00b4, "an acute accent", '\''},
    {0x00bb, 0x00bb, "a quotation mark", '"'},
    {0x02bc, 0x02bc, "an apostrophe", '\''},
    {0x02d0, 0x02d0, "a length mark", ':'},
    {0x034f, 0x034f, "a grapheme joiner, which is invisible", '\0'},
    {0x061c, 0x061c, "a mark of direction, which is invisible", '\0'},
    {0x1680, 0x1680, "a space mark", ' '},
    {0x180e, 0x180e, "a vowel separator, which is invisible", '\0'},
    {0x2000, 0x200a, "a space of special width", ' '},
    {0x200b, 0x200b, "a zero-width space", '\0'},
    {0x200c, 0x200d, "a zero-width joiner or non-joiner", '\0'},
    {0x200e, 0x200f, "a mark of direction, which is invisible", '\0'},
    {0x2010, 0x2010, "a hyphen", '-'},
    {0x2011, 0x2011, "a no-break hyphen", '-'},
    {0x2012, 0x2012, "a figure dash", '-'},
    {0x2013, 0x2013, "an en dash", '-'},
    {0x2014, 0x2014, "an em dash", '-'},
    {0x2015, 0x2015, "a horizontal bar", '-'},
    {0x2018, 0x201b, "a typographic quotation mark", '\''},
    {0x201c, 0x201f, "a typographic quotation mark", '"'},
    {0x2024, 0x2024, "a one-dot leader", '.'},
    {0x2028, 0x2029, "a line or paragraph separator", '\0'},
    {0x202a, 0x202e, "a mark of direction, which is invisible", '\0'},
    {0x202f, 0x202f, "a narrow no-break space", ' '},
    {0x2032, 0x2032, "a prime", '\''},
    {0x2033, 0x2033, "a double prime", '"'},
    {0x2039, 0x203a, "a quotation mark", '\''},
    {0x2043, 0x2043, "a hyphen bullet", '-'},
    {0x2044, 0x2044, "a fraction slash", '/'},
    {0x205f, 0x205f, "a mathematical space", ' '},
    {0x2060, 0x2060, "a word joiner, which is invisible", '\0'},
    {0x2061, 0x2064, "a mathematical operator, which is invisible", '\0'},
    {0x2066, 0x2069, "a mark of direction, which is invisible", '\0'},
    {0x206a, 0x206f, "a control character, which is invisible", '\0'},
    {0x2212, 0x2212, "a minus sign", '-'},
    {0x2215, 0x2215, "a division slash", '/'},
    {0x2236, 0x2236, "a ratio sign", ':'},
    {0x29f8, 0x29f8, "a big solidus", '/'},
    {0x3000, 0x3000, "an ideographic space", ' '},
    {0x3001, 0x3001, "an ideographic comma", ','},
    {0x3002, 0x3002, "an ideographic full stop", '.'},
    {0xa789, 0xa789, "a modifier colon", ':'},
    {0xfe00, 0xfe0f, "a variation selector, which is invisible", '\0'},
    {0xfe50, 0xfe50, "a small comma", ','},
    {0xfe52, 0xfe52, "a small full stop", '.'},
    {0xfe55, 0xfe55, "a small colon", ':'},
    {0xfe58, 0xfe58, "a small em dash", '-'},
    {0xfe63, 0xfe63, "a small hyphen", '-'},
    {0xfeff, 0xfeff, "a byte order mark, or zero-width no-break space", '\0'},
    {0xff01, 0xff5e, "a full-width character", 1}, /* ASCII from 0x21 on */
    {0xff61, 0xff61, "a half-width full stop", '.'},
    {0xff64, 0xff64, "a half-width comma", ','},
};

static const struct range *
find(uint32_t code)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return &ranges[i];
	return NULL;
}

int
utf8_plain(uint32_t code)
{
	const struct range *range = find(code);

	if (!range)
		return -1;
	return range->plain == 1 ? (int)(code - range->first + '!') : range->plain;
}

void
utf8_describe(uint32_t code, struct text *text)
{
	const struct range *range = find(code);
	int plain = utf8_plain(code);

	text_addf(text, "U+%04X", (unsigned)code);
	if (!range)
		text_addf(text, ", which is not ASCII");
	else if (plain == 0)
		text_addf(text, ", %s: delete it", range->name);
	else if (plain == ' ')
		text_addf(text, ", %s: type a blank", range->name);
	else
		text_addf(text, ", %s: type %c", range->name, plain);
}
