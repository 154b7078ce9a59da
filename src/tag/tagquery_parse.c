/*
 * tagquery_parse.c
 *	  Text to rule: groups, tokens and errors; leaves are in
 *	  tagquery_parse_leaf.c, the grammar is in the README.
 *
 * By recursive descent, one token ahead.  Whatever fails fills in the error
 * once and gives NULL or false up to the top.  Nesting is bounded as written;
 * a row of ands, ors or nots is a loop.
 */
#include "tag/tagquery_parse.h"

#define EXCERPT_LENGTH 100

#define INTERRUPT_TERMS 4096

static TagTree *parse_any(Parser *p);

/* ---- errors ---- */

static void
bad_text(Parser *p)
{
	const Lexer *l = &p->lexer;
	size_t		length = (size_t) (l->end - l->text);

	core_set_error(p->error, CORE_BAD_TEXT, "invalid input syntax for type tagquery: \"%.*s%s\"",
				   tag_shown(l->text, length), l->text, length > EXCERPT_LENGTH ? "..." : "");
}

/* What should stand where the token is */
bool
parser_expected(Parser *p, const char *what)
{
	const Lexer *l = &p->lexer;
	const char *hint = lexer_hint(l);

	if (hint == NULL && parser_at_operator(p))
		hint = "Something is missing before this word; to be a name or a text it needs double quotes.";
	bad_text(p);
	if (l->problem != NULL)
		core_set_detail(p->error, "Expected %s at character %zu.", l->problem,
						tag_position(l->text, l->p));
	else if (l->kind == TOKEN_END)
		core_set_detail(p->error, "Expected %s at character %zu, but the rule ends there.", what,
						tag_position(l->text, l->start));
	else
		core_set_detail(p->error, "Expected %s at character %zu, not \"%.*s\".", what,
						tag_position(l->text, l->start),
						(int) core_clip(l->start, (size_t) (l->p - l->start), 30), l->start);
	if (hint != NULL)
		core_set_hint(p->error, "%s", hint);
	return false;
}

TagTree *
parser_no_tree(Parser *p, const char *what)
{
	parser_expected(p, what);
	return NULL;
}

/* The same behind a whole condition */
static TagTree *
no_end(Parser *p, const char *what)
{
	parser_expected(p, what);
	if (p->error->hint[0] != '\0')
		return NULL;
	if (p->lexer.kind == TOKEN_WORD)
		core_set_hint(p->error, "Conditions are joined by and, or; "
					  "a name or a text of several words needs double quotes.");
	else if (parser_at_char(p, ','))
		core_set_hint(p->error, "Conditions are joined by and, or.");
	return NULL;
}

/* ---- what is taken, or wanted ---- */

bool
parser_take_char(Parser *p, char c)
{
	if (!parser_at_char(p, c))
		return false;
	lexer_next(&p->lexer);
	return true;
}

bool
parser_take(Parser *p, const char *keyword)
{
	if (!parser_at(p, keyword))
		return false;
	lexer_next(&p->lexer);
	return true;
}

bool
parser_want_char(Parser *p, char c)
{
	const char	what[] = {'"', c, '"', '\0'};

	return parser_take_char(p, c) || parser_expected(p, what);
}

/* ---- numbers and lengths of time ---- */

/* Digits, as many as fit */
bool
parser_count(Parser *p, uint32_t *count)
{
	const Lexer *l = &p->lexer;
	uint32_t	n = 0;

	if (l->kind != TOKEN_WORD || tag_skip_digits(l->bytes, l->p) != l->p)
		return parser_expected(p, "a whole number");
	for (size_t i = 0; i < l->length; i++)
	{
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, (uint32_t) (l->bytes[i] - '0'), &n))
			return core_set_error(p->error, CORE_OUT_OF_RANGE,
								  "number in a tagquery is out of range: \"%.*s\"",
								  tag_shown(l->bytes, l->length), l->bytes);
	}
	*count = n;
	lexer_next(&p->lexer);
	return true;
}

bool
parser_length(Parser *p, TagInterval *interval)
{
	static const struct
	{
		const char *one;
		const char *many;
		TagUnit		unit;
		uint32_t	factor;
	}			units[] = {
		{"second", "seconds", TAG_SECONDS, 1},
		{"minute", "minutes", TAG_SECONDS, 60},
		{"hour", "hours", TAG_SECONDS, 3600},
		{"day", "days", TAG_DAYS, 1},
		{"week", "weeks", TAG_DAYS, 7},
		{"month", "months", TAG_MONTHS, 1},
		{"year", "years", TAG_MONTHS, 12},
	};

	if (!parser_count(p, &interval->count))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (!parser_at(p, units[i].one) && !parser_at(p, units[i].many))
			continue;
		if (__builtin_mul_overflow(interval->count, units[i].factor, &interval->count))
			return core_set_error(p->error, CORE_OUT_OF_RANGE,
								  "length of time in a tagquery is out of range");
		interval->unit = units[i].unit;
		lexer_next(&p->lexer);
		return true;
	}
	return parser_expected(p, "seconds, minutes, hours, days, weeks, months or years");
}

/* ---- groups ---- */

/* ( rule ) or, of "at least n of", ( rule, rule, ... ) into the group */
static TagTree *
parse_parens(Parser *p, TagTree *group)
{
	TagTree    *tree;

	core_check_stack();
	if (!parser_want_char(p, '('))
		return NULL;
	if (++p->depth > TAGQUERY_MAX_DEPTH)
	{
		tag_tree_too_deep(p->error);
		return NULL;
	}
	do
	{
		tree = parse_any(p);
		if (tree == NULL)
			return NULL;
		if (group != NULL)
			tag_tree_add(group, tree);
	} while (group != NULL && parser_take_char(p, ','));
	p->depth--;
	if (!parser_take_char(p, ')'))
		return no_end(p, group != NULL ? "\"and\", \"or\", \",\" or \")\"" :
					  "\"and\", \"or\" or \")\"");
	return group != NULL ? group : tree;
}

/* "at least" if that is what comes, else nothing is taken */
static bool
take_at_least(Parser *p)
{
	Lexer		before = p->lexer;

	if (parser_take(p, "at") && parser_take(p, "least"))
		return true;
	p->lexer = before;
	return false;
}

static TagTree *
parse_unary(Parser *p)
{
	bool		negated = false;
	uint32_t	k;
	TagTree    *tree;

	while (parser_take_char(p, '!') || parser_take(p, "not"))
		negated = !negated;
	if (parser_at_char(p, '('))
		tree = parse_parens(p, NULL);
	else if (parser_at(p, "at") && take_at_least(p))
	{
		if (!parser_count(p, &k))
			return NULL;
		tree = parser_take(p, "of") ? parse_parens(p, tag_tree_group(TAG_AT_LEAST, k)) :
			parser_no_tree(p, "\"of\"");
	}
	else if (p->lexer.kind == TOKEN_WORD && !parser_at_operator(p) && lexer_before_paren(&p->lexer))
		tree = parser_function_leaf(p);
	else if (parser_at(p, "true") || parser_at(p, "false"))
	{
		tree = tag_tree_constant(parser_at(p, "true"));
		lexer_next(&p->lexer);
	}
	else
		tree = parser_name_leaf(p);
	return negated && tree != NULL ? tag_tree_not(tree) : tree;
}

/* What one operator joins */
static TagTree *
parse_joined(Parser *p, TagNodeKind kind, char operator, const char *keyword,
			 TagTree *(*parse_part) (Parser *))
{
	TagTree    *tree = parse_part(p);
	TagTree    *group = NULL;

	while (tree != NULL && (parser_at_char(p, operator) || parser_at(p, keyword)))
	{
		if (group == NULL)
		{
			group = tag_tree_group(kind, 1);
			tag_tree_add(group, tree);
		}
		if (group->n % INTERRUPT_TERMS == 0)
			core_interrupt();
		lexer_next(&p->lexer);
		tree = parse_part(p);
		if (tree != NULL)
			tag_tree_add(group, tree);
	}
	return tree != NULL && group != NULL ? group : tree;
}

static TagTree *
parse_all(Parser *p)
{
	return parse_joined(p, TAG_AND, '&', "and", parse_unary);
}

static TagTree *
parse_any(Parser *p)
{
	return parse_joined(p, TAG_OR, '|', "or", parse_all);
}

void *
tagquery_parse(const char *text, size_t length, CoreError *error)
{
	Parser		p = {.error = error};
	TagTree    *tree;

	lexer_start(&p.lexer, text, length);
	tree = parse_any(&p);
	if (tree == NULL)
		return NULL;
	if (p.lexer.kind != TOKEN_END)
		return no_end(&p, "\"and\", \"or\" or the end");
	return tag_tree_finish(tree, error);
}
