/*
 * tag_value.c
 *	  Words, strings and literals: values of tags as people write them.
 *
 * Tagsets and rules share these.  Reading and printing are inverses: what is
 * printed is read as the same value, and every value has one way to be printed.
 */
#include "tag/tag_value.h"

#include "common/civil.h"

/* ---- characters and words ---- */

/* What is not ASCII but stands for something: its twin, else 0; in UTF-8 only */
static int
twin_at(const uint8_t *p)
{
	if (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80)
		return ' ';
	if (p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x98 && p[2] <= 0x9F)
		return TAG_CHAR_QUOTE;
	if (p[0] == 0xEF && ((p[1] == 0xBC && p[2] >= 0x81 && p[2] <= 0xBF) ||
						 (p[1] == 0xBD && p[2] >= 0x80 && p[2] <= 0x9E)))
	{
		int			twin = p[1] == 0xBC ? p[2] - 0x81 + '!' : p[2] - 0x80 + '`';

		return twin == '"' || twin == '\'' ? TAG_CHAR_QUOTE : twin;
	}
	return 0;
}

int
tag_char_at(const char *p, const char *end, size_t *length)
{
	int			twin;

	*length = p < end;
	if (p == end)
		return TAG_CHAR_END;
	if ((uint8_t) *p < 0x80)
		return *p;
	if (end - p < 3)
		return TAG_CHAR_OTHER;
	twin = twin_at((const uint8_t *) p);
	/* full-width letters and digits are letters and digits of their own */
	if (twin == 0 || tag_is_word_char(twin) || !core_is_utf8())
		return TAG_CHAR_OTHER;
	*length = 3;
	return twin;
}

size_t
tag_word_length(const char *p, const char *end)
{
	const char *start = p;
	size_t		length;

	while (p - start <= TAG_TEXT_MAX && tag_is_word_char(tag_char_at(p, end, &length)))
		p += length;
	return (size_t) (p - start);
}

const char *
tag_read_string(const char **p, const char *end, TextOut *out)
{
	char		quote = *(*p)++;

	out->length = 0;
	while (*p < end && **p != quote)
	{
		if (**p == '\\')
		{
			(*p)++;
			if (*p == end || (**p != quote && **p != '\\'))
				return quote == '"' ? "\\\" or \\\\" : "\\' or \\\\";
		}
		if (out->length == TAG_TEXT_MAX)
			return "the end of a string of at most 65535 bytes";
		text_out_bytes(out, (*p)++, 1);
	}
	if (*p == end)
		return "the end of the string";
	(*p)++;
	return NULL;
}

bool
tag_is_word(const char *text, size_t length)
{
	/* a dump may be read in UTF-8, where more characters are punctuation */
	for (size_t i = 0; i < length && !core_is_utf8(); i++)
		if ((uint8_t) text[i] >= 0x80)
			return false;
	return length > 0 && tag_word_length(text, text + length) == length;
}

size_t
tag_position(const char *start, const char *p)
{
	return core_count_characters(start, (size_t) (p - start)) + 1;
}

/* ---- dates and times ---- */

/* n digits at p as a number, or -1 */
static int
digits_at(const char *p, const char *end, int n)
{
	int			value = 0;

	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++)
	{
		if (!tag_is_digit(p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

bool
tag_is_moment(const char *word, size_t length)
{
	const char *end = word + length;

	if (length < 10 || word[4] != '-' || word[7] != '-' || digits_at(word, end, 4) < 0 ||
		digits_at(word + 5, end, 2) < 0 || digits_at(word + 8, end, 2) < 0)
		return false;
	return length == 10 || (length >= 16 && word[10] == 'T' && word[13] == ':' &&
							digits_at(word + 11, end, 2) >= 0 && digits_at(word + 14, end, 2) >= 0);
}

/* YYYY-MM-DD, of the form that tag_is_moment() wants, as microseconds; false if there is no such day */
static bool
read_date(const char *word, int64_t *usecs)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = digits_at(word, word + 4, 4);
	int			month = digits_at(word + 5, word + 7, 2);
	int			day = digits_at(word + 8, word + 10, 2);
	bool		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 1 || month < 1 || month > 12 || day < 1 ||
		day > days[month - 1] + (month == 2 && leap))
		return false;
	*usecs = civil_to_day(year, month, day) * TAG_USECS_PER_DAY;
	return true;
}

/* Behind hours and minutes: [:SS[.ffffff]], as microseconds */
static bool
read_seconds(const char **p, const char *end, int64_t *usecs)
{
	int			seconds;

	*usecs = 0;
	if (*p == end || **p != ':')
		return true;
	seconds = digits_at(*p + 1, end, 2);
	if (seconds < 0 || seconds > 59)
		return false;
	*usecs = (int64_t) seconds * 1000000;
	*p += 3;
	if (*p < end && **p == '.')
	{
		const char *digit = ++*p;

		*p = tag_skip_digits(digit, end);
		if (*p == digit || *p - digit > 6)
			return false;
		for (int unit = 100000; digit < *p; unit /= 10)
			*usecs += (int64_t) (*digit++ - '0') * unit;
	}
	return true;
}

/* Z, +HH, +HHMM or +HH:MM, up to 15:59; nothing is UTC */
static bool
read_offset(const char *p, const char *end, int64_t *usecs)
{
	int			hours;
	int			minutes = 0;
	bool		west;

	*usecs = 0;
	if (p == end || (*p == 'Z' && p + 1 == end))
		return true;
	if (*p != '+' && *p != '-')
		return false;
	west = *p++ == '-';
	hours = digits_at(p, end, 2);
	if (end - p > 2)
	{
		p += 2 + (p[2] == ':');
		minutes = digits_at(p, end, 2);
	}
	if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 || p + 2 != end)
		return false;
	*usecs = (west ? -1 : 1) * (int64_t) (hours * 60 + minutes) * 60 * 1000000;
	return true;
}

static bool
read_time(const char *word, size_t length, int64_t *usecs)
{
	const char *end = word + length;
	const char *p = word + 16;
	int			hours = digits_at(word + 11, end, 2);
	int			minutes = digits_at(word + 14, end, 2);
	int64_t		seconds;
	int64_t		offset;

	if (!read_date(word, usecs) || hours > 23 || minutes > 59 ||
		!read_seconds(&p, end, &seconds) || !read_offset(p, end, &offset))
		return false;
	*usecs += (int64_t) (hours * 60 + minutes) * 60 * 1000000 + seconds - offset;
	return *usecs >= TAG_MOMENT_MIN && *usecs <= TAG_MOMENT_MAX;
}

bool
tag_read_moment(const char *word, size_t length, TagType *type, int64_t *usecs, CoreError *error)
{
	*type = length == 10 ? TAG_DATE : TAG_TIME;
	if (*type == TAG_DATE ? read_date(word, usecs) : read_time(word, length, usecs))
		return true;
	core_set_error(error, CORE_OUT_OF_RANGE, "date or time of a tag does not exist: \"%.*s\"",
				   tag_shown(word, length), word);
	core_set_hint(error, TAG_HINT_QUOTE);
	return false;
}

/* ---- values ---- */

/* Is the word this keyword, in any case? */
static bool
is_keyword(const char *word, size_t length, const char *keyword)
{
	for (size_t i = 0; i < length; i++)
		if ((word[i] | 0x20) != keyword[i])
			return false;
	return keyword[length] == '\0';
}

bool
tag_check_name(const char *name, size_t length, CoreError *error)
{
	if (length == 0)
		return core_set_error(error, CORE_BAD_PARAMETER, "name of a tag is empty");
	if (length <= TAG_NAME_MAX)
		return true;
	core_set_error(error, CORE_LIMIT, "name of a tag is too long: \"%.*s\"",
				   tag_shown(name, length), name);
	core_set_detail(error, "Names have at most %d bytes.", TAG_NAME_MAX);
	return false;
}

bool
tag_check_text(const char *text, size_t length, CoreError *error)
{
	if (length <= TAG_TEXT_MAX)
		return true;
	core_set_error(error, CORE_LIMIT, "text of a tag is too long: \"%.*s\"",
				   tag_shown(text, length), text);
	core_set_detail(error, "Texts have at most %d bytes.", TAG_TEXT_MAX);
	return false;
}

bool
tag_payload_check(TagType type, const uint8_t *payload, size_t length)
{
	int64_t		usecs;
	double		number;

	switch (type)
	{
		case TAG_BOOL:
			return length == 1 && payload[0] <= 1;
		case TAG_NUMBER:
			if (length != 8)
				return false;
			number = tag_number_of(tag_load_ordered(payload));
			/* no infinity, no NaN; and -0 has another image than 0 */
			return number - number == 0 && tag_order_number(number) == tag_load_ordered(payload);
		case TAG_DATE:
		case TAG_TIME:
			if (length != 8)
				return false;
			usecs = tag_moment_of(tag_load_ordered(payload));
			return usecs >= TAG_MOMENT_MIN && usecs <= TAG_MOMENT_MAX &&
				(type == TAG_TIME || usecs % TAG_USECS_PER_DAY == 0);
		case TAG_TEXT:
			return length <= TAG_TEXT_MAX && memchr(payload, '\0', length) == NULL;
	}
	return false;
}

bool
tag_value_read(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const char *word, size_t length,
			   CoreError *error)
{
	double		number;
	TagType		type;
	int64_t		usecs;

	if (length >= 1 && (tag_is_digit(word[0]) || word[0] == '-'))
	{
		if (tag_is_number(word, length))
		{
			if (!tag_read_number(word, length, &number, error))
				return false;
			tag_set_number(value, room, number);
			return true;
		}
		if (tag_is_moment(word, length))
		{
			if (!tag_read_moment(word, length, &type, &usecs, error))
				return false;
			tag_set_moment(value, type, room, usecs);
			return true;
		}
	}
	else if (length == 4 || length == 5)
	{
		if (is_keyword(word, length, "null"))
		{
			core_set_error(error, CORE_BAD_TEXT, "value of a tag cannot be null");
			core_set_hint(error, "Leave the tag out, or put the word in double quotes to make it a text.");
			return false;
		}
		if (is_keyword(word, length, "true") || is_keyword(word, length, "false"))
		{
			tag_set_bool(value, room, length == 4);
			return true;
		}
	}
	tag_set_text(value, word, length);
	return tag_check_text(word, length, error);
}

bool
tag_reads_as_text(const char *text, size_t length)
{
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];
	CoreError	error;

	return tag_is_word(text, length) && tag_value_read(&value, room, text, length, &error) &&
		value.type == TAG_TEXT;
}

/* ---- printing ---- */

const char *
tag_type_name(TagType type)
{
	static const char *const names[] = {"", "boolean", "number", "date", "time", "text"};

	return names[type];
}

void
tag_quote_print(TextOut *out, const char *text, size_t length)
{
	const char *end = text + length;

	text_out_bytes(out, "\"", 1);
	while (text < end)
	{
		const char *p = text;

		while (p < end && *p != '"' && *p != '\\')
			p++;
		text_out_bytes(out, text, (size_t) (p - text));
		if (p < end)
		{
			text_out_bytes(out, "\\", 1);
			text_out_bytes(out, p++, 1);
		}
		text = p;
	}
	text_out_bytes(out, "\"", 1);
}

void
tag_name_print(TextOut *out, const char *name, size_t length)
{
	if (tag_is_word(name, length))
		text_out_bytes(out, name, length);
	else
		tag_quote_print(out, name, length);
}

/* Days from 2000-01-01, rounded down */
static int64_t
day_of(int64_t usecs)
{
	int64_t		day = usecs / TAG_USECS_PER_DAY;

	return day - (usecs % TAG_USECS_PER_DAY < 0);
}

static void
print_date(TextOut *out, int64_t usecs)
{
	int64_t		year;
	int			month;
	int			day;

	day_to_civil(day_of(usecs), &year, &month, &day);
	text_out(out, "%04d-%02d-%02d", (int) year, month, day);
}

void
tag_moment_print(TextOut *out, int64_t usecs, bool plain_date)
{
	int64_t		rest = (usecs % TAG_USECS_PER_DAY + TAG_USECS_PER_DAY) % TAG_USECS_PER_DAY;
	int			seconds = (int) (rest / 1000000);
	int			fraction = (int) (rest % 1000000);
	int			places = 6;

	print_date(out, usecs);
	if (plain_date)
		return;
	text_out(out, "T%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
	if (fraction != 0)
	{
		for (; fraction % 10 == 0; places--)
			fraction /= 10;
		text_out(out, ".%0*d", places, fraction);
	}
	text_out(out, "Z");
}

void
tag_bare_print(TextOut *out, const TagValue *value)
{
	switch (value->type)
	{
		case TAG_BOOL:
			text_out(out, value->payload[0] ? "true" : "false");
			break;
		case TAG_NUMBER:
			text_out_double(out, tag_number_of(tag_load_ordered(value->payload)));
			break;
		case TAG_DATE:
			print_date(out, tag_moment_of(tag_load_ordered(value->payload)));
			break;
		case TAG_TIME:
			tag_moment_print(out, tag_moment_of(tag_load_ordered(value->payload)), false);
			break;
		case TAG_TEXT:
			text_out_bytes(out, (const char *) value->payload, value->length);
			break;
	}
}

void
tag_value_print(TextOut *out, const TagValue *value)
{
	if (value->type == TAG_TEXT &&
		!tag_reads_as_text((const char *) value->payload, value->length))
		tag_quote_print(out, (const char *) value->payload, value->length);
	else
		tag_bare_print(out, value);
}
