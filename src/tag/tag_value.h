/*
 * tag_value.h
 *	  One value of a tag, as bytes that memcmp() puts into order.
 *
 * A value is a type and a payload.  Payloads of one type compare as their
 * values do, a shorter one before those that it begins:
 *
 *	TAG_BOOL	1 byte, 0 or 1
 *	TAG_NUMBER	8 bytes: the double's bits, all flipped when negative, else
 *				only the sign, most significant byte first; finite, never -0
 *	TAG_DATE	8 bytes: microseconds from 2000-01-01 00:00 to the day's start,
 *				sign flipped, most significant byte first
 *	TAG_TIME	8 bytes: microseconds from 2000-01-01 00:00 UTC, likewise
 *	TAG_TEXT	its bytes, at most TAG_TEXT_MAX
 *
 * A rule compares values of the same type only, save that a date and a time
 * are on one line: a date is the start of its day in UTC.  That is what
 * tag_value_class() says.
 */
#ifndef PORTRAIT_TAG_VALUE_H
#define PORTRAIT_TAG_VALUE_H

#include "common/text_out.h"

typedef enum TagType
{
	TAG_BOOL = 1,
	TAG_NUMBER,
	TAG_DATE,
	TAG_TIME,
	TAG_TEXT
} TagType;

#define TAG_TYPE_LAST	TAG_TEXT

/* Names and texts in bytes: what a row of a warehouse has, far below 1 GB */
#define TAG_NAME_MAX	1023
#define TAG_TEXT_MAX	65535

/* Dates and times from the year 1 to the year 9999, as ISO 8601 writes them */
#define TAG_MOMENT_MIN	INT64_C(-63082281600000000)
#define TAG_MOMENT_MAX	INT64_C(252455615999999999)
#define TAG_USECS_PER_DAY INT64_C(86400000000)

typedef struct TagValue
{
	TagType		type;
	uint32_t	length;
	const uint8_t *payload;
} TagValue;

/* Payloads of all types but TAG_TEXT fit into so many bytes */
#define TAG_PAYLOAD_ROOM 8

/* Dates and times are of one class */
static inline TagType
tag_value_class(TagType type)
{
	return type == TAG_DATE ? TAG_TIME : type;
}

static inline uint64_t
tag_load_ordered(const uint8_t *payload)
{
	return __builtin_bswap64(load64(payload));
}

static inline void
tag_store_ordered(uint8_t *payload, uint64_t ordered)
{
	store64(payload, __builtin_bswap64(ordered));
}

/* Numbers in the order of their doubles */
static inline uint64_t
tag_order_number(double number)
{
	uint64_t	bits;

	number += 0.0;				/* no -0 */
	memcpy(&bits, &number, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double
tag_number_of(uint64_t ordered)
{
	uint64_t	bits = ordered >> 63 ? ordered & ~(UINT64_C(1) << 63) : ~ordered;
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static inline uint64_t
tag_order_moment(int64_t usecs)
{
	return (uint64_t) usecs ^ UINT64_C(1) << 63;
}

static inline int64_t
tag_moment_of(uint64_t ordered)
{
	return (int64_t) (ordered ^ UINT64_C(1) << 63);
}

static inline int
tag_compare_bytes(const void *a, size_t a_length, const void *b, size_t b_length)
{
	int			order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* The order inside a value: by type, then by payload */
static inline int
tag_value_compare(const TagValue *a, const TagValue *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return tag_compare_bytes(a->payload, a->length, b->payload, b->length);
}

/* Values of each type; all but texts are written into the room */
static inline void
tag_set_ordered(TagValue *value, TagType type, uint8_t room[TAG_PAYLOAD_ROOM], uint64_t ordered)
{
	tag_store_ordered(room, ordered);
	*value = (TagValue){type, 8, room};
}

static inline void
tag_set_bool(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], bool flag)
{
	room[0] = flag;
	*value = (TagValue){TAG_BOOL, 1, room};
}

static inline void
tag_set_number(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], double number)
{
	tag_set_ordered(value, TAG_NUMBER, room, tag_order_number(number));
}

/* TAG_DATE or TAG_TIME */
static inline void
tag_set_moment(TagValue *value, TagType type, uint8_t room[TAG_PAYLOAD_ROOM], int64_t usecs)
{
	tag_set_ordered(value, type, room, tag_order_moment(usecs));
}

static inline void
tag_set_text(TagValue *value, const char *text, size_t length)
{
	*value = (TagValue){TAG_TEXT, (uint32_t) length, (const uint8_t *) text};
}

/*
 * A name's mark: 16 bits that tell most names apart.  A part of the layout of
 * both types.  FNV-1a, folded.
 */
static inline uint16_t
tag_mark(const char *name, size_t length)
{
	uint32_t	h = 2166136261u;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t) name[i]) * 16777619u;
	return (uint16_t) (h ^ h >> 16);
}

/* ---- tag_value.c, tag_number.c: words and strings, in tagsets and rules alike ---- */

/* Characters that are not ASCII's, see tag_char_at() */
#define TAG_CHAR_END	0
#define TAG_CHAR_OTHER	0x80	/* any that words have */
#define TAG_CHAR_QUOTE	0x81	/* curly and full-width quotation marks */

/*
 * The character at p, outside strings, and its bytes (0 at the end).  ASCII
 * is as it is; in UTF-8 full-width punctuation is its ASCII twin, the ideographic
 * space a space.
 */
extern int	tag_char_at(const char *p, const char *end, size_t *length);

static inline bool
tag_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline const char *
tag_skip_digits(const char *p, const char *end)
{
	while (p < end && tag_is_digit(*p))
		p++;
	return p;
}

/* Letters, digits, all outside ASCII, and _ . - + : / */
static inline bool
tag_is_word_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= ':') ||
		c == '_' || c == '+' || c == TAG_CHAR_OTHER;
}

static inline bool
tag_is_word_byte(unsigned char c)
{
	return tag_is_word_char(c < 0x80 ? c : TAG_CHAR_OTHER);
}

/* Bytes of the word at p, 0 if there is none; what is too long for a text ends early */
extern size_t tag_word_length(const char *p, const char *end);

/*
 * Read the string whose opening quote, single or double, is at *p; the escapes
 * are a backslash before the quote or another backslash.  The text replaces
 * what is in "out", and *p moves behind the closing quote.  NULL is success;
 * else what was expected at *p.
 */
extern const char *tag_read_string(const char **p, const char *end, TextOut *out);

/*
 * A word as a value: true, false (in any case), a number as JSON has them, a date, a time,
 * or else a text, which stays where it is.  False with the error filled in: CORE_BAD_TEXT
 * for null, CORE_OUT_OF_RANGE for numbers that double precision would change, and for
 * dates and times that don't exist, CORE_LIMIT for what is too long.
 */
extern bool tag_value_read(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const char *word,
						   size_t length, CoreError *error);

/* The parts of it.  Has the word the form of a number, of a date or time?  Then read it. */
extern bool tag_is_number(const char *word, size_t length);
extern bool tag_read_number(const char *word, size_t length, double *number, CoreError *error);
extern bool tag_is_moment(const char *word, size_t length);
extern bool tag_read_moment(const char *word, size_t length, TagType *type, int64_t *usecs,
							CoreError *error);

/* Is it as long as a tag's name (1 to TAG_NAME_MAX), a tag's text may be?  Else CORE_LIMIT, or
 * CORE_BAD_PARAMETER for the empty name */
extern bool tag_check_name(const char *name, size_t length, CoreError *error);
extern bool tag_check_text(const char *text, size_t length, CoreError *error);

/*
 * Is this a payload of the type, as told above: its length, a finite number, a
 * moment in range, a text without a byte of zero?  For bytes from outside.
 */
extern bool tag_payload_check(TagType type, const uint8_t *payload, size_t length);

/* Is it a word as a whole; one that is read as a text? */
extern bool tag_is_word(const char *text, size_t length);
extern bool tag_reads_as_text(const char *text, size_t length);

/* What people call it: boolean, number, date, time, text */
extern const char *tag_type_name(TagType type);

/* As a literal: what tag_value_read() or tag_read_string() read back */
extern void tag_value_print(TextOut *out, const TagValue *value);
/* As people want to see it: texts without quotes */
extern void tag_bare_print(TextOut *out, const TagValue *value);
/* A name, in quotes if it is no word */
extern void tag_name_print(TextOut *out, const char *name, size_t length);
extern void tag_quote_print(TextOut *out, const char *text, size_t length);
/* 2026-09-01T10:00:00.5Z, or only the date of it */
extern void tag_moment_print(TextOut *out, int64_t usecs, bool plain_date);

/* How much of a text to show in a message (with %.*s) */
static inline int
tag_shown(const char *text, size_t length)
{
	return (int) core_clip(text, length, 100);
}

#define TAG_HINT_QUOTE "Put it in double quotes to make it a text."

/* Where p is in a text, for messages: characters from its start, 1 for the first */
extern size_t tag_position(const char *start, const char *p);

#endif							/* PORTRAIT_TAG_VALUE_H */
