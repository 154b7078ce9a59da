/*
 * identifier_rules.c
 *	  What a value of each type must look like, and what it never is.
 *
 * Letters are folded in ASCII only, and only where a type says so: whether
 * "Li" and "li" are the same account is not ours to decide.
 */
#include "identity/identifier.h"

/* Phones have at most 15 digits, and 2 for 00; longer ones needn't be read to the end */
#define PHONE_MIN_DIGITS 7
#define PHONE_MAX_DIGITS 15
#define PHONE_ROOM 20

/* So many asterisks are a mask */
#define MASK_LENGTH 3

/* A digit that is repeated, or digits that count up or down, so often are no number */
#define REPEATED_MIN 5
#define RUN_MIN 6

typedef IdentifierPart Part;

/* ---- characters ---- */

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

static bool
same_folded(Part part, const char *lower)
{
	if (part.length != strlen(lower))
		return false;
	for (size_t i = 0; i < part.length; i++)
	{
		if (to_lower(part.bytes[i]) != lower[i])
			return false;
	}
	return true;
}

static bool
is_type(Part type, const char *name)
{
	return type.length == strlen(name) && memcmp(type.bytes, name, type.length) == 0;
}

/*
 * Characters that show nothing: spaces, marks of direction, byte order marks.
 * Length in bytes of the one at the start, or 0.
 */
static size_t
blank_length(const char *bytes, size_t length, bool utf8)
{
	unsigned char c = (unsigned char) bytes[0];
	uint32_t	code;

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if (!utf8)
		return 0;
	if (length >= 2 && c == 0xC2 && (unsigned char) bytes[1] == 0xA0)
		return 2;				/* no-break space; NFKC has made a space of it */
	if (length < 3 || (c & 0xF0) != 0xE0)
		return 0;
	code = (c & 0x0Fu) << 12 | ((unsigned char) bytes[1] & 0x3Fu) << 6 |
		((unsigned char) bytes[2] & 0x3Fu);
	if (code == 0x200B || code == 0x200E || code == 0x200F || code == 0x2028 || code == 0x2029 ||
		(code >= 0x202A && code <= 0x202E) || code == 0x2060 ||
		(code >= 0x2066 && code <= 0x2069) || code == 0x3000 || code == 0xFEFF)
		return 3;
	return 0;
}

/* The start of the last character */
static size_t
last_start(const char *bytes, size_t length, bool utf8)
{
	size_t		i = length - 1;

	while (utf8 && i > 0 && length - i < 4 && ((unsigned char) bytes[i] & 0xC0) == 0x80)
		i--;
	return i;
}

static Part
trim(Part value, bool utf8)
{
	size_t		n;

	while (value.length > 0 && (n = blank_length(value.bytes, value.length, utf8)) > 0)
	{
		value.bytes += n;
		value.length -= n;
	}
	while (value.length > 0)
	{
		size_t		start = last_start(value.bytes, value.length, utf8);

		if (blank_length(value.bytes + start, value.length - start, utf8) != value.length - start)
			break;
		value.length = start;
	}
	return value;
}

/* ---- what no value is ---- */

/* What programs and people write where there is nothing */
static const char *const placeholders[] = {
	"null", "(null)", "<null>", "[null]", "\\n", "nil", "none", "nan", "undefined", "unknown",
	"anonymous", "guest", "not_authenticated", "n/a", "#n/a", "-",
	"distinct_id", "distinctid", "[object object]", "true", "false",
	/* none, unknown, anonymous */
	"\xe6\x97\xa0", "\xe6\x9c\xaa\xe7\x9f\xa5", "\xe5\x8c\xbf\xe5\x90\x8d"
};

/* Devices that many phones claim to be */
static const char *const broken_devices[] = {
	"9774d56d682e549c", "02:00:00:00:00:00", "02-00-00-00-00-00", "020000000000",
	"000000000000000", "004999010640000", "012345678912345", "unknown_device"
};

/* Nothing but dashes, dots and the like */
static bool
is_punctuation(Part value)
{
	for (size_t i = 0; i < value.length; i++)
	{
		if (memchr("-_.,?/#", value.bytes[i], 7) == NULL)
			return false;
	}
	return true;
}

/* One digit over and over, whatever stands between */
static bool
is_repeated(Part value, bool hexadecimal)
{
	char		digit = '\0';
	size_t		n = 0;

	for (size_t i = 0; i < value.length; i++)
	{
		char		c = to_lower(value.bytes[i]);

		if (memchr("-:. _", c, 5) != NULL)
			continue;
		if (!is_digit(c) && !(hexadecimal && c == 'f'))
			return false;
		if (n > 0 && c != digit)
			return false;
		digit = c;
		n++;
	}
	return n >= REPEATED_MIN || (n > 0 && digit == '0');
}

/* Digits that count up or down, after 9 comes 0 */
static bool
is_run(const char *digits, size_t n)
{
	int			step = n > 1 ? (digits[1] - digits[0] + 10) % 10 : 0;

	if (n < RUN_MIN || (step != 1 && step != 9))
		return false;
	for (size_t i = 0; i < n; i++)
	{
		if (!is_digit(digits[i]) ||
			(i > 0 && (digits[i] - digits[i - 1] + 10) % 10 != step))
			return false;
	}
	return true;
}

static bool
is_placeholder(Part type, Part value)
{
	bool		device = is_type(type, "device");

	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
	{
		if (same_folded(value, placeholders[i]))
			return true;
	}
	if (device)
	{
		for (size_t i = 0; i < sizeof(broken_devices) / sizeof(broken_devices[0]); i++)
		{
			if (same_folded(value, broken_devices[i]))
				return true;
		}
	}
	if (is_type(type, "card") && is_run(value.bytes, value.length))
		return true;
	return is_punctuation(value) || is_repeated(value, device);
}

static bool
is_masked(Part value)
{
	size_t		n = 0;

	for (size_t i = 0; i < value.length; i++)
	{
		n = value.bytes[i] == '*' ? n + 1 : 0;
		if (n == MASK_LENGTH)
			return true;
	}
	return false;
}

/* ---- phones ---- */

/* A character that people put between digits: its length in bytes, or 0 */
static size_t
separator_length(const char *bytes, size_t length, bool utf8)
{
	size_t		blank = blank_length(bytes, length, utf8);
	unsigned char c = (unsigned char) bytes[0];

	if (blank > 0)
		return blank;
	if (c == '-' || c == '.' || c == '(' || c == ')' || c == '/')
		return 1;
	/* dashes U+2010 to U+2015, minus U+2212 */
	if (utf8 && length >= 3 && c == 0xE2 &&
		(((unsigned char) bytes[1] == 0x80 && (unsigned char) bytes[2] >= 0x90 &&
		  (unsigned char) bytes[2] <= 0x95) ||
		 ((unsigned char) bytes[1] == 0x88 && (unsigned char) bytes[2] == 0x92)))
		return 3;
	return 0;
}

/* Is what follows a number the mark of an extension? */
static bool
is_extension(const char *bytes, size_t length)
{
	static const char *const marks[] = {
		"ext", "x", "#", ",", ";", "p",
		"\xe8\xbd\xac",			/* zhuan */
		"\xe8\xbd\x89",
		"\xe5\x88\x86\xe6\x9c\xba"	/* fen ji */
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
	{
		size_t		n = strlen(marks[i]);

		if (length > n && same_folded((Part){bytes, n}, marks[i]))
			return true;
	}
	return false;
}

static bool
is_mainland_mobile(const char *digits, size_t n)
{
	return n == 11 && digits[0] == '1' && digits[1] >= '3' && digits[1] <= '9';
}

typedef struct Phone
{
	bool		plus;
	size_t		n;
	size_t		group;			/* digits before the last separator */
	char		digits[PHONE_ROOM];
} Phone;

/* The digits of a phone, at most PHONE_ROOM of them */
static IdentifierProblem
read_phone(Part value, bool utf8, Phone *phone)
{
	size_t		i = 0;

	memset(phone, 0, sizeof(*phone));
	while (i < value.length)
	{
		const char *p = value.bytes + i;
		size_t		separator;

		if (*p == '+' && phone->n == 0 && !phone->plus)
		{
			phone->plus = true;
			i++;
			continue;
		}
		if (is_digit(*p))
		{
			if (phone->n == PHONE_ROOM)
				return IDENTIFIER_MALFORMED;
			phone->digits[phone->n++] = *p;
			i++;
			continue;
		}
		separator = separator_length(p, value.length - i, utf8);
		if (separator == 0)
		{
			if (*p == '*')
				return IDENTIFIER_MASKED;
			return phone->n >= PHONE_MIN_DIGITS && is_extension(p, value.length - i) ?
				IDENTIFIER_MASKED : IDENTIFIER_MALFORMED;
		}
		phone->group = phone->n;
		i += separator;
	}
	return phone->n > 0 ? IDENTIFIER_GOOD : IDENTIFIER_MALFORMED;
}

/* Drop the first digits */
static void
shift(Phone *phone, size_t n)
{
	memmove(phone->digits, phone->digits + n, phone->n - n);
	phone->n -= n;
	phone->group = phone->group > n ? phone->group - n : 0;
}

static bool
phone_is_placeholder(const Phone *phone)
{
	return is_run(phone->digits, phone->n) ||
		is_repeated((Part){phone->digits, phone->n}, false);
}

/* A number of the mainland without its country code */
static IdentifierProblem
check_mainland(const Phone *phone)
{
	if (is_mainland_mobile(phone->digits, phone->n))
		return IDENTIFIER_GOOD;
	/* digits behind a whole mobile number: an extension of a platform's number */
	if (phone->n > 11 && phone->group == 11 && is_mainland_mobile(phone->digits, 11))
		return IDENTIFIER_MASKED;
	if (phone->n > 12 || phone->digits[0] == '0' ||
		(phone->digits[0] == '1' && phone->digits[1] != '0'))
		return IDENTIFIER_MALFORMED;
	return phone->n >= PHONE_MIN_DIGITS ? IDENTIFIER_GOOD : IDENTIFIER_MALFORMED;
}

static IdentifierProblem
normalize_phone(Part value, bool utf8, char *out, size_t *out_length)
{
	Phone		phone;
	IdentifierProblem problem = read_phone(value, utf8, &phone);
	bool		international;
	bool		mainland = true;

	if (problem != IDENTIFIER_GOOD)
		return problem;
	if (phone_is_placeholder(&phone))
		return IDENTIFIER_PLACEHOLDER;
	international = phone.plus;
	if (!phone.plus && phone.n > 2 && memcmp(phone.digits, "00", 2) == 0)
	{
		shift(&phone, 2);
		international = true;
	}
	if (international && phone.n > 2 && memcmp(phone.digits, "86", 2) == 0)
		shift(&phone, 2);
	else
		mainland = !international;
	if (mainland && phone.digits[0] == '0')
		shift(&phone, 1);
	if (phone_is_placeholder(&phone))
		return IDENTIFIER_PLACEHOLDER;
	if (mainland)
	{
		problem = check_mainland(&phone);
		if (problem == IDENTIFIER_GOOD && !international &&
			!is_mainland_mobile(phone.digits, phone.n))
			problem = IDENTIFIER_MALFORMED;
	}
	else if (phone.n < PHONE_MIN_DIGITS || phone.n > PHONE_MAX_DIGITS || phone.digits[0] == '0')
		problem = IDENTIFIER_MALFORMED;
	if (problem != IDENTIFIER_GOOD)
		return problem;
	*out_length = 0;
	out[(*out_length)++] = '+';
	if (mainland)
	{
		memcpy(out + 1, "86", 2);
		*out_length += 2;
	}
	memcpy(out + *out_length, phone.digits, phone.n);
	*out_length += phone.n;
	return IDENTIFIER_GOOD;
}

/* ---- addresses ---- */

static IdentifierProblem
normalize_email(Part value, bool utf8, char *out, size_t *out_length)
{
	size_t		at = value.length;
	bool		dot = false;

	for (size_t i = 0; i < value.length; i++)
	{
		unsigned char c = (unsigned char) value.bytes[i];

		if (c <= ' ' || c == 0x7F || blank_length(value.bytes + i, value.length - i, utf8) > 0)
			return IDENTIFIER_MALFORMED;
		if (c == '@')
			at = i;
		out[i] = to_lower(value.bytes[i]);
	}
	/* the last @ ends the local part, which may have others in quotes */
	if (at == 0 || at == value.length)
		return IDENTIFIER_MALFORMED;
	/* the domain: labels with a dot between */
	for (size_t i = at + 1; i < value.length; i++)
	{
		if (out[i] != '.')
			continue;
		if (i == at + 1 || i + 1 == value.length || out[i - 1] == '.')
			return IDENTIFIER_MALFORMED;
		dot = true;
	}
	*out_length = value.length;
	return dot ? IDENTIFIER_GOOD : IDENTIFIER_MALFORMED;
}

IdentifierProblem
identifier_normalize(Part type, Part value, bool utf8, char *out, size_t *out_length)
{
	value = trim(value, utf8);
	if (value.length == 0)
		return IDENTIFIER_NOTHING;
	if (is_placeholder(type, value))
		return IDENTIFIER_PLACEHOLDER;
	if (is_masked(value))
		return IDENTIFIER_MASKED;
	if (is_type(type, "phone"))
		return normalize_phone(value, utf8, out, out_length);
	if (is_type(type, "email"))
		return normalize_email(value, utf8, out, out_length);
	memcpy(out, value.bytes, value.length);
	*out_length = value.length;
	return IDENTIFIER_GOOD;
}
