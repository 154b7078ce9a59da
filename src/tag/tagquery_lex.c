/*
 * tagquery_lex.c
 *	  The text of a rule in tokens, see tagquery_lex.h.
 *
 * Words, strings and full-width punctuation are those of tagsets.  What is a
 * token nowhere, but is what other languages or a typesetter would write, is
 * one token too, so that the hint can tell what to write instead.
 */
#include "tag/tagquery_lex.h"

/* ---- characters ---- */

static bool
is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next character that is no space, at *p */
static int
skip_space(const char **p, const char *end, size_t *length)
{
	int			c = tag_char_at(*p, end, length);

	for (size_t n = 1; is_space(c); n++)
	{
		if (n % (1 << 20) == 0)
			core_interrupt();
		*p += *length;
		c = tag_char_at(*p, end, length);
	}
	return c;
}

/* Take the character, or its full-width twin, if it comes right here */
static bool
take_char(Lexer *l, char c)
{
	size_t		length;

	if (l->p == l->end || tag_char_at(l->p, l->end, &length) != c)
		return false;
	l->p += length;
	return true;
}

/* ---- words that are not what they seem ---- */

/*
 * Characters that would be a part of a word and look like something else, by
 * their first two bytes and the range of the third
 */
static const struct
{
	uint8_t		bytes[2];
	uint8_t		from;
	uint8_t		to;
	const char *hint;
}			lookalikes[] = {
	{{0xE2, 0x89}, 0xA5, 0xA5, "Write >=, or put the word in double quotes."},
	{{0xE2, 0x89}, 0xA4, 0xA4, "Write <=, or put the word in double quotes."},
	{{0xE2, 0x89}, 0xA0, 0xA0, "Write <>, or put the word in double quotes."},
	{{0xE3, 0x80}, 0x81, 0x81, "Put a comma between values, or the word in double quotes."},
	/* full-width + to : with all digits */
	{{0xEF, 0xBC}, 0x8B, 0x9A, "Write digits and +-./: in ASCII, or put the word in double quotes."},
};

/* The hint for the first of them in a word; in UTF-8 only */
static const char *
lookalike_hint(const char *word, size_t length)
{
	for (size_t i = 0; i + 3 <= length; i++)
	{
		const uint8_t *p = (const uint8_t *) word + i;

		if (p[0] < 0xE2 || !core_is_utf8())
			continue;
		for (size_t j = 0; j < sizeof(lookalikes) / sizeof(lookalikes[0]); j++)
		{
			if (memcmp(p, lookalikes[j].bytes, 2) == 0 &&
				p[2] >= lookalikes[j].from && p[2] <= lookalikes[j].to)
				return lookalikes[j].hint;
		}
	}
	return NULL;
}

/* In any case? */
static bool
is_word(const char *word, size_t length, const char *keyword)
{
	for (size_t i = 0; i < length; i++)
	{
		char		c = word[i] >= 'A' && word[i] <= 'Z' ? word[i] + ('a' - 'A') : word[i];

		/* a shorter keyword ends in a zero, which no word has */
		if (c != keyword[i])
			return false;
	}
	return keyword[length] == '\0';
}

bool
tagquery_is_reserved(const char *word, size_t length)
{
	static const char *const words[] = {"and", "or", "not", "true", "false", "null", "at",
	"above", "below"};

	if (length <= 5)
	{
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		{
			if (is_word(word, length, words[i]))
				return true;
		}
	}
	return lookalike_hint(word, length) != NULL;
}

/* ---- tokens ---- */

void
lexer_start(Lexer *lexer, const char *text, size_t length)
{
	*lexer = (Lexer) {.text = text, .end = text + length, .p = text};
	lexer_next(lexer);
}

static void
lex_word(Lexer *l)
{
	l->kind = TOKEN_WORD;
	l->bytes = l->p;
	l->length = tag_word_length(l->p, l->end);
	l->p += l->length;
	if (l->bytes[l->length - 1] == '.' && take_char(l, '*'))
	{
		l->below = true;
		l->length--;
	}
	if (lookalike_hint(l->bytes, l->length) != NULL)
		l->kind = TOKEN_BAD;
}

static void
lex_string(Lexer *l)
{
	TextOut		out;

	text_out_start(&out);
	l->kind = TOKEN_STRING;
	l->problem = tag_read_string(&l->p, l->end, &out);
	l->length = out.length;
	l->bytes = out.text;
	if (l->problem != NULL)
		l->kind = TOKEN_BAD;
	else if (out.length == (size_t) (l->p - l->start) - 2)
	{
		/* without escapes it is as it stands */
		l->bytes = l->start + 1;
		core_free(out.text);
	}
	if (l->end - l->p >= 2 && *l->p == '.')
	{
		const char *dot = l->p++;

		l->below = take_char(l, '*');
		if (!l->below)
			l->p = dot;
	}
}

/* An operator that starts with <, > or = */
static void
lex_compare(Lexer *l, int c)
{
	l->kind = TOKEN_COMPARE;
	if (c == '=')
	{
		l->comparison = TAG_EQ;
		if (take_char(l, '=') || take_char(l, '<') || take_char(l, '>'))
			l->kind = TOKEN_BAD;
	}
	else if (take_char(l, '='))
		l->comparison = c == '<' ? TAG_LE : TAG_GE;
	else if (c == '<' && take_char(l, '>'))
		l->comparison = TAG_NE;
	else
		l->comparison = c == '<' ? TAG_LT : TAG_GT;
}

void
lexer_next(Lexer *l)
{
	size_t		length;
	int			c = skip_space(&l->p, l->end, &length);

	l->start = l->p;
	l->below = false;
	l->problem = NULL;
	l->length = 0;
	if (l->p == l->end)
	{
		l->kind = TOKEN_END;
		return;
	}
	if (tag_is_word_char(c))
	{
		lex_word(l);
		return;
	}
	/* full-width quotation marks are no quotes */
	if ((c == '"' || c == '\'') && length == 1)
	{
		lex_string(l);
		return;
	}
	l->p += length;
	l->kind = TOKEN_BAD;
	switch (c)
	{
		case '(':
		case ')':
		case ',':
			l->kind = c;
			break;
		case '&':
		case '|':
			if (!take_char(l, (char) c))
				l->kind = c;
			break;
		case '!':
			l->comparison = TAG_NE;
			l->kind = take_char(l, '=') ? TOKEN_COMPARE : c;
			break;
		case '<':
		case '>':
		case '=':
			lex_compare(l, c);
			break;
		default:
			break;
	}
}

bool
lexer_is(const Lexer *lexer, const char *keyword)
{
	return lexer->kind == TOKEN_WORD && !lexer->below &&
		is_word(lexer->bytes, lexer->length, keyword);
}

bool
lexer_before_paren(const Lexer *lexer)
{
	const char *p = lexer->p;
	size_t		length;

	return skip_space(&p, lexer->end, &length) == '(';
}

/* ---- hints ---- */

static const char *
word_hint(const Lexer *l)
{
	static const struct
	{
		const char *word;
		const char *hint;
	}			hints[] = {
		{"null", "A tag that is missing is unknown: write is unknown, or is known."},
		{"like", "Write starts with, ends with or contains, and the text without wildcards."},
		{"ilike", "Write starts with, ends with or contains, and the text without wildcards."},
		{"exists", "Write is known."},
		{"xor", "Write (a and not b) or (b and not a)."},
		{"on", "Write = and the date."},
		{"after", "Write > or since, and the date."},
		{"equals", "Write =."},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
	{
		if (lexer_is(l, hints[i].word))
			return hints[i].hint;
	}
	if (l->length > 4 && tag_is_digit(l->bytes[0]) && tag_is_digit(l->bytes[1]) && l->bytes[2] == ':')
		return "Write a time as one word, as in 2026-09-01T10:00:00Z.";
	return NULL;
}

const char *
lexer_hint(const Lexer *l)
{
	size_t		length;
	int			c = tag_char_at(l->start, l->end, &length);
	int			next = tag_char_at(l->start + length, l->end, &length);

	if (l->kind == TOKEN_WORD)
		return word_hint(l);
	if (l->kind != TOKEN_BAD || l->problem != NULL)
		return NULL;
	if (l->length > 0)
		return lookalike_hint(l->bytes, l->length);
	switch (c)
	{
		case '=':
			return next == '=' ? "Write = to compare." :
				next == '<' ? "Write <=." : "Write >=; a weight is asked for by weight(name) >= 0.5.";
		case '&':
			return "Inside a rule write & or and; && joins two rules.";
		case '|':
			return "Inside a rule write | or or; || joins two rules.";
		case TAG_CHAR_QUOTE:
		case '"':
		case '\'':
			return "Write straight quotes, \" or '.";
		case '{':
		case '[':
		case '$':
		case '%':
		case '?':
			return "A placeholder was not filled in, or a text needs double quotes.";
		case ';':
			return "A rule is one condition: join several by and, or; no semicolon.";
		default:
			return "Names and texts with characters other than letters, digits and _.-+:/ "
				"need double quotes.";
	}
}
