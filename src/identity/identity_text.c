/*
 * identity_text.c
 *	  The text of a map: {{"a","b"},{"c"}}, {{1,5},{7}}, or identity_map: and base64.
 *
 * Customers and their identifiers are written in the order of their numbers
 * and read in any order.  Texts are in double quotes, with a backslash before
 * quotes and backslashes; numbers are not.  What is longer than a screen is
 * the binary form in base64, which is as short as the value.
 */
#include "common/base64.h"
#include "identity/identity_forest.h"

#define TEXT_PREFIX "identity_map:"
#define TEXT_PREFIX_LENGTH (sizeof(TEXT_PREFIX) - 1)

/* More identifiers, or longer ones in all, are printed as base64 */
#define TEXT_IDENTIFIERS 1000
#define TEXT_LENGTH 100000

/* Of the input, in messages */
#define EXCERPT_LENGTH 100

#define INTERRUPT_IDENTIFIERS 4096

typedef struct Parser
{
	const char *text;
	const char *p;
	const char *end;
	CoreError  *error;
	IdentityForest forest;
	uint32_t	first;			/* of the customer that is being read */
	uint8_t    *buffer;			/* an identifier without its backslashes */
} Parser;

/* ---- errors ---- */

/* Length of the first bytes of a text that a message can show, whole characters */
static int
excerpt_length(const char *text, size_t length)
{
	size_t		n = EXCERPT_LENGTH;

	if (length <= n)
		return (int) length;
	while (n > 0 && ((unsigned char) text[n] & 0xC0) == 0x80)
		n--;
	return (int) n;
}

static bool
bad_text(Parser *parser)
{
	size_t		length = (size_t) (parser->end - parser->text);

	return core_set_error(parser->error, CORE_BAD_TEXT,
						  "invalid input syntax for type identity_map: \"%.*s%s\"",
						  excerpt_length(parser->text, length), parser->text,
						  length > EXCERPT_LENGTH ? "..." : "");
}

static bool
expected(Parser *parser, const char *what)
{
	bad_text(parser);
	core_set_detail(parser->error, "Expected %s at byte %zu.",
					what, (size_t) (parser->p - parser->text) + 1);
	return false;
}

/* ---- reading ---- */

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
skip_space(Parser *parser)
{
	while (parser->p < parser->end && is_space(*parser->p))
		parser->p++;
}

/* Is this the next character that is no space?  If so, it is taken. */
static bool
take(Parser *parser, char c)
{
	skip_space(parser);
	if (parser->p == parser->end || *parser->p != c)
		return false;
	parser->p++;
	return true;
}

/* The rest of a text in quotes */
static bool
parse_quoted(Parser *parser, IdentityItem *item)
{
	uint8_t    *out = parser->buffer;

	while (parser->p < parser->end && *parser->p != '"')
	{
		if ((parser->end - parser->p) % (1 << 20) == 0)
			core_interrupt();
		if (*parser->p == '\\')
		{
			parser->p++;
			if (parser->p == parser->end || (*parser->p != '"' && *parser->p != '\\'))
				return expected(parser, "a quote or a backslash");
		}
		if (*parser->p == '\0')
			return expected(parser, "no byte of zero");
		*out++ = (uint8_t) *parser->p++;
	}
	if (parser->p == parser->end)
		return expected(parser, "a quote");
	parser->p++;
	*item = (IdentityItem){parser->buffer, (size_t) (out - parser->buffer)};
	return true;
}

static bool
parse_number(Parser *parser, IdentityItem *item)
{
	const char *start = parser->p;
	bool		negative = false;
	bool		fits = true;
	int64_t		value = 0;

	if (parser->p < parser->end && (*parser->p == '-' || *parser->p == '+'))
		negative = *parser->p++ == '-';
	if (parser->p == parser->end || *parser->p < '0' || *parser->p > '9')
	{
		parser->p = start;
		return expected(parser, "a number or a text in double quotes");
	}
	for (; parser->p < parser->end && *parser->p >= '0' && *parser->p <= '9'; parser->p++)
	{
		int			digit = *parser->p - '0';

		fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
			!__builtin_add_overflow(value, negative ? -digit : digit, &value);
	}
	if (!fits)
	{
		size_t		length = (size_t) (parser->p - start);

		return core_set_error(parser->error, CORE_OUT_OF_RANGE,
							  "value \"%.*s%s\" is out of range for type bigint",
							  excerpt_length(start, length), start,
							  length > EXCERPT_LENGTH ? "..." : "");
	}
	identity_store_number(parser->buffer, value);
	*item = (IdentityItem){parser->buffer, IDENTITY_NUMBER_SIZE};
	return true;
}

static bool
parse_identifier(Parser *parser)
{
	IdentityForest *f = &parser->forest;
	IdentityItem item;
	uint8_t		kind;
	uint32_t	place;
	uint32_t	before = f->n;

	skip_space(parser);
	kind = parser->p < parser->end && *parser->p == '"' ? IDENTITY_TEXT : IDENTITY_BIGINT;
	if (f->kind != IDENTITY_EMPTY && kind != f->kind)
		return expected(parser, f->kind == IDENTITY_TEXT ? "a text in double quotes" : "a number");
	if (kind == IDENTITY_TEXT)
		parser->p++;
	if (!(kind == IDENTITY_TEXT ? parse_quoted(parser, &item) : parse_number(parser, &item)))
		return false;
	identity_forest_kind(f, kind);
	identity_forest_intern(f, &item, 1, &place);
	if (f->n == before)
	{
		bad_text(parser);
		core_set_detail(parser->error, "The identifier that ends at byte %zu was there before.",
						(size_t) (parser->p - parser->text));
		return false;
	}
	if (parser->first == 0)
		parser->first = place;
	else
		identity_forest_union(f, parser->first, place);
	if (f->n % INTERRUPT_IDENTIFIERS == 0)
		core_interrupt();
	return true;
}

static bool
parse_customers(Parser *parser)
{
	bool		more;

	if (!take(parser, '{'))
		return expected(parser, "\"{\"");
	more = !take(parser, '}');
	while (more)
	{
		if (!take(parser, '{'))
			return expected(parser, "\"{\"");
		parser->first = 0;
		do
		{
			if (!parse_identifier(parser))
				return false;
		} while (take(parser, ','));
		if (!take(parser, '}'))
			return expected(parser, "\",\" or \"}\"");
		more = take(parser, ',');
		if (!more && !take(parser, '}'))
			return expected(parser, "\",\" or \"}\"");
	}
	skip_space(parser);
	return parser->p == parser->end || expected(parser, "the end");
}

/* The bytes after the length word, as base64 */
static IdentityMap *
parse_bytes(Parser *parser, uint8_t encoding)
{
	const char *digits = parser->p + TEXT_PREFIX_LENGTH;
	const char *end = parser->end;
	size_t		length_word = sizeof(int32_t);
	size_t		size;
	size_t		where;
	uint8_t    *value;
	const char *problem;
	CoreError	why;

	while (end > digits && is_space(end[-1]))
		end--;
	value = core_alloc(length_word + core_base64_size((size_t) (end - digits)));
	problem = core_base64_decode(digits, (size_t) (end - digits), value + length_word,
								 &size, &where);
	if (problem != NULL)
	{
		parser->p = digits + where;
		expected(parser, problem);
		core_free(value);
		return NULL;
	}
	size += length_word;
	if (size <= IDENTITY_MAX_SIZE)
		identity_set_size(value, size);
	if (!identity_check(value, size, encoding, &why))
	{
		bad_text(parser);
		core_set_detail(parser->error, "%s", why.detail);
		core_free(value);
		return NULL;
	}
	return (IdentityMap *) value;
}

IdentityMap *
identity_parse(const char *text, size_t length, uint8_t encoding, CoreError *error)
{
	Parser	   *parser = core_alloc(sizeof(Parser));
	IdentityBounds bounds = {SIZE_MAX / 2, {UINT64_C(0x9E3779B97F4A7C15), 1}};
	IdentityMap *map = NULL;

	parser->text = parser->p = text;
	parser->end = text + length;
	parser->error = error;
	skip_space(parser);
	if ((size_t) (parser->end - parser->p) >= TEXT_PREFIX_LENGTH &&
		memcmp(parser->p, TEXT_PREFIX, TEXT_PREFIX_LENGTH) == 0)
	{
		map = parse_bytes(parser, encoding);
		core_free(parser);
		return map;
	}
	identity_forest_start(&parser->forest, &bounds);
	parser->buffer = core_alloc(length + IDENTITY_NUMBER_SIZE);
	if (parse_customers(parser))
		map = identity_forest_write(&parser->forest, encoding);
	identity_forest_stop(&parser->forest);
	core_free(parser->buffer);
	core_free(parser);
	return map;
}

/* ---- writing ---- */

/* Characters of an identifier, and these themselves if there is a place for them */
static size_t
print_identifier(char *out, uint8_t kind, const uint8_t *bytes, size_t length)
{
	size_t		n = 0;

	if (kind == IDENTITY_BIGINT)
	{
		int64_t		number = identity_load_number(bytes);
		uint64_t	left = number < 0 ? -(uint64_t) number : (uint64_t) number;
		char		digits[20];
		int			ndigits = 0;

		do
		{
			digits[ndigits++] = (char) ('0' + left % 10);
			left /= 10;
		} while (left > 0);
		if (number < 0)
			digits[ndigits++] = '-';
		for (n = 0; ndigits > 0; n++)
		{
			ndigits--;
			if (out != NULL)
				out[n] = digits[ndigits];
		}
		return n;
	}
	if (out != NULL)
		out[0] = '"';
	n = 1;
	for (size_t i = 0; i < length; i++)
	{
		if (bytes[i] == '"' || bytes[i] == '\\')
		{
			if (out != NULL)
				out[n] = '\\';
			n++;
		}
		if (out != NULL)
			out[n] = (char) bytes[i];
		n++;
	}
	if (out != NULL)
		out[n] = '"';
	return n + 1;
}

/* Where each customer's next identifier goes; 0 in "length" when all are too long */
static size_t *
plan_text(const IdentityView *view, size_t *length)
{
	size_t	   *ends = core_alloc((view->customers + (size_t) 1) * sizeof(size_t));
	size_t		all = 2;
	IdentityIter iter;

	memset(ends, 0, (view->customers + (size_t) 1) * sizeof(size_t));
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter) && all <= TEXT_LENGTH)
	{
		/* with a comma or the brace in front */
		size_t		n = 1 + print_identifier(NULL, view->kind, iter.bytes, iter.length);

		ends[iter.customer + 1] += n;
		all += n;
	}
	identity_iter_stop(&iter);
	/* and with the brace behind, and a comma or the outer brace in front */
	for (uint32_t c = 1; c <= view->customers; c++)
		ends[c] += ends[c - 1] + 2;
	*length = all > TEXT_LENGTH ? 0 : ends[view->customers];
	return ends;
}

static char *
print_customers(const IdentityView *view, size_t *ends, size_t length)
{
	char	   *text = core_alloc(length + 3);
	bool	   *begun = core_alloc(view->customers + (size_t) 1);
	IdentityIter iter;

	memset(begun, 0, view->customers + (size_t) 1);
	identity_iter_start(&iter, view);
	while (identity_iter_next(&iter))
	{
		uint32_t	c = iter.customer;
		char	   *p = text + ends[c];

		if (!begun[c])
		{
			*p++ = c == 0 ? '{' : ',';
			*p++ = '{';
		}
		else
			*p++ = ',';
		begun[c] = true;
		p += print_identifier(p, view->kind, iter.bytes, iter.length);
		*p = '}';
		ends[c] = (size_t) (p - text);
	}
	identity_iter_stop(&iter);
	core_free(begun);
	if (view->n == 0)
		text[length++] = '{';
	text[length++] = '}';
	text[length] = '\0';
	return text;
}

static char *
print_bytes(const IdentityView *view)
{
	size_t		size = view->size - sizeof(int32_t);
	size_t		length = TEXT_PREFIX_LENGTH + core_base64_length(size);
	char	   *text = core_alloc(length + 1);

	memcpy(text, TEXT_PREFIX, TEXT_PREFIX_LENGTH);
	core_base64_encode(view->base + sizeof(int32_t), size, text + TEXT_PREFIX_LENGTH);
	text[length] = '\0';
	return text;
}

char *
identity_print(const IdentityView *view)
{
	size_t	   *ends;
	size_t		length;
	char	   *text;

	if (view->n > TEXT_IDENTIFIERS)
		return print_bytes(view);
	ends = plan_text(view, &length);
	text = view->n > 0 && length == 0 ? print_bytes(view) : print_customers(view, ends, length);
	core_free(ends);
	return text;
}
