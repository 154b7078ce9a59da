/*
 * tagquery_parse.c
 *	  Text to rule; the grammar is in the README.
 *
 * By recursive descent, one token ahead.  Whatever fails fills in the error
 * once and gives NULL or false up to the top.  Nesting is bounded as written;
 * a row of ands, ors or nots is a loop.
 */
#include "tag/tag_tree.h"
#include "tag/tagquery_lex.h"

#define EXCERPT_LENGTH 100

#define INTERRUPT_TERMS 4096

typedef struct Parser
{
	Lexer		lexer;
	CoreError  *error;
	int			depth;			/* of parentheses */
} Parser;

static TagTree *parse_any(Parser *p);

/* ---- tokens ---- */

static inline bool
is_char(const Parser *p, char c)
{
	return p->lexer.kind == c;
}

static inline bool
is(const Parser *p, const char *keyword)
{
	return lexer_is(&p->lexer, keyword);
}

/* No name, and no value without quotes: something in front of it is missing */
static bool
is_operator(const Parser *p)
{
	return is(p, "and") || is(p, "or") || is(p, "not");
}

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
static bool
expected(Parser *p, const char *what)
{
	const Lexer *l = &p->lexer;
	const char *hint = lexer_hint(l);

	if (hint == NULL && is_operator(p))
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

static TagTree *
no_tree(Parser *p, const char *what)
{
	expected(p, what);
	return NULL;
}

/* ---- what is taken, or wanted ---- */

static bool
take_char(Parser *p, char c)
{
	if (!is_char(p, c))
		return false;
	lexer_next(&p->lexer);
	return true;
}

static bool
take(Parser *p, const char *keyword)
{
	if (!is(p, keyword))
		return false;
	lexer_next(&p->lexer);
	return true;
}

static bool
want_char(Parser *p, char c)
{
	const char	what[] = {'"', c, '"', '\0'};

	return take_char(p, c) || expected(p, what);
}

/* A word or string of 1 to TAG_NAME_MAX bytes */
static bool
parse_name(Parser *p, TagSubject *subject, const char *what)
{
	Lexer	   *l = &p->lexer;

	if ((l->kind != TOKEN_WORD && l->kind != TOKEN_STRING) || l->below || l->length == 0 ||
		is_operator(p) || is(p, "true") || is(p, "false"))
		return expected(p, what);
	if (!tag_check_name(l->bytes, l->length, p->error))
		return false;
	subject->name = l->bytes;
	subject->name_length = (uint32_t) l->length;
	lexer_next(l);
	return true;
}

/* ( name ) */
static bool
parse_name_in_parens(Parser *p, TagSubject *subject)
{
	return want_char(p, '(') && parse_name(p, subject, "the name of a tag") && want_char(p, ')');
}

static bool
parse_text(Parser *p, TagValue *text)
{
	Lexer	   *l = &p->lexer;

	if (l->kind != TOKEN_STRING && l->kind != TOKEN_WORD)
		return expected(p, "a text");
	if (!tag_check_text(l->bytes, l->length, p->error))
		return false;
	tag_set_text(text, l->bytes, l->length);
	lexer_next(l);
	return true;
}

/* ---- numbers and lengths of time ---- */

/* Digits, as many as fit */
static bool
parse_count(Parser *p, uint32_t *count)
{
	const Lexer *l = &p->lexer;
	uint32_t	n = 0;

	if (l->kind != TOKEN_WORD || tag_skip_digits(l->bytes, l->p) != l->p)
		return expected(p, "a whole number");
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

static bool
parse_length(Parser *p, TagInterval *interval)
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

	if (!parse_count(p, &interval->count))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (!is(p, units[i].one) && !is(p, units[i].many))
			continue;
		if (__builtin_mul_overflow(interval->count, units[i].factor, &interval->count))
			return core_set_error(p->error, CORE_OUT_OF_RANGE,
								  "length of time in a tagquery is out of range");
		interval->unit = units[i].unit;
		lexer_next(&p->lexer);
		return true;
	}
	return expected(p, "seconds, minutes, hours, days, weeks, months or years");
}

/* The half-life of a weight, of a length that no calendar changes */
static bool
parse_half_life(Parser *p, int64_t *half_life)
{
	TagInterval interval;
	Lexer		before = p->lexer;

	if (!parse_length(p, &interval))
		return false;
	if (interval.unit == TAG_SECONDS)
		*half_life = interval.count * INT64_C(1000000);
	else if (interval.unit == TAG_MONTHS ||
			 __builtin_mul_overflow(interval.count, TAG_USECS_PER_DAY, half_life))
		*half_life = 0;
	if (tag_half_life_check(*half_life))
		return true;
	p->lexer = before;
	expected(p, "a half-life");
	core_set_hint(p->error, "Write it in days, hours, minutes or seconds, from 1 second to 100 million days.");
	return false;
}

/* ---- literals ---- */

/* MM-DD as a number, month * 100 + day */
static bool
parse_anniversary(Parser *p, TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM])
{
	const Lexer *l = &p->lexer;
	const char *d = l->bytes;
	char		date[10] = {'2', '0', '0', '0', '-'};
	TagType		type;
	int64_t		usecs;

	if (l->kind != TOKEN_WORD || l->length != 5 || !tag_is_digit(d[0]) || !tag_is_digit(d[1]) ||
		d[2] != '-' || !tag_is_digit(d[3]) || !tag_is_digit(d[4]))
		return expected(p, "a day as MM-DD");
	/* is it in the calendar of a leap year? */
	memcpy(date + 5, d, 5);
	if (!tag_read_moment(date, sizeof(date), &type, &usecs, p->error))
		return expected(p, "a day as MM-DD");
	tag_set_number(value, room,
				   (d[0] - '0') * 1000 + (d[1] - '0') * 100 + (d[3] - '0') * 10 + d[4] - '0');
	lexer_next(&p->lexer);
	return true;
}

/* A string, or a word that is a value */
static bool
parse_literal(Parser *p, TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM])
{
	Lexer	   *l = &p->lexer;

	if (l->kind == TOKEN_STRING)
		return parse_text(p, value);
	if (l->kind != TOKEN_WORD || l->below || is_operator(p) || is(p, "null"))
		return expected(p, "a value");
	if (!tag_value_read(value, room, l->bytes, l->length, p->error))
		return false;
	lexer_next(l);
	return true;
}

static const char *
class_name(TagType class)
{
	switch (class)
	{
		case TAG_BOOL:
			return "true or false";
		case TAG_NUMBER:
			return "a number";
		case TAG_TEXT:
			return "a text";
		default:
			return "a date or a time";
	}
}

/* A literal that the subject can be compared with, and of the class if it is not 0 */
static bool
parse_value_of(Parser *p, TagSource source, TagType class, TagValue *value,
			   uint8_t room[TAG_PAYLOAD_ROOM])
{
	Lexer		before = p->lexer;

	if (source == TAG_BY_ANNIVERSARY)
		return parse_anniversary(p, value, room);
	if (class == 0)
		class = tag_source_class(source);
	if (!parse_literal(p, value, room))
		return false;
	if (class == 0 || tag_value_class(value->type) == class)
		return true;
	p->lexer = before;
	return expected(p, class_name(class));
}

typedef struct ValueList
{
	TagValue   *values;
	uint8_t		(*rooms)[TAG_PAYLOAD_ROOM];
	uint32_t	n;
	uint32_t	room;
} ValueList;

/* ( literal, literal, ... ) */
static bool
parse_list(Parser *p, ValueList *list)
{
	*list = (ValueList) {0};
	if (!want_char(p, '('))
		return false;
	do
	{
		if (list->n == list->room)
		{
			list->room = list->room ? core_add_size(list->room, list->room) : 8;
			list->values = core_realloc(list->values, list->room * sizeof(TagValue));
			list->rooms = core_realloc(list->rooms, list->room * sizeof(*list->rooms));
		}
		if (list->n % INTERRUPT_TERMS == 0)
			core_interrupt();
		if (!parse_literal(p, &list->values[list->n], list->rooms[list->n]))
			return false;
		list->n++;
	} while (take_char(p, ','));
	/* the rooms may have moved */
	for (uint32_t i = 0; i < list->n; i++)
	{
		if (list->values[i].type != TAG_TEXT)
			list->values[i].payload = list->rooms[i];
	}
	return is_char(p, ')') ? take_char(p, ')') : expected(p, "\",\" or \")\"");
}

static void
free_list(ValueList *list)
{
	core_free(list->values);
	core_free(list->rooms);
}

/* ---- leaves ---- */

static TagTree *
parse_in(Parser *p, const TagSubject *subject, TagNodeKind kind)
{
	ValueList	list;
	TagTree    *leaf;

	if (!parse_list(p, &list))
		return NULL;
	leaf = tag_tree_list(kind, subject->name, subject->name_length, list.values, list.n);
	free_list(&list);
	return leaf;
}

static TagTree *
parse_all_of(Parser *p, const TagSubject *subject)
{
	ValueList	list;
	TagTree    *group;

	if (!parse_list(p, &list))
		return NULL;
	group = tag_tree_group(TAG_AND, 0);
	for (uint32_t i = 0; i < list.n; i++)
		tag_tree_add(group, tag_tree_compare(subject, TAG_EQ, &list.values[i]));
	free_list(&list);
	return group;
}

static TagTree *
parse_text_leaf(Parser *p, const TagSubject *subject, TagNodeKind kind)
{
	TagValue	text;

	if (!parse_text(p, &text))
		return NULL;
	return tag_tree_text(kind, subject->name, subject->name_length,
						 (const char *) text.payload, text.length);
}

static TagTree *
parse_compare(Parser *p, const TagSubject *subject)
{
	TagComparison comparison = p->lexer.comparison;
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	lexer_next(&p->lexer);
	if (subject->source == TAG_BY_VALUE && is(p, "value") && lexer_before_paren(&p->lexer))
	{
		TagSubject	other;

		lexer_next(&p->lexer);
		if (!parse_name_in_parens(p, &other))
			return NULL;
		return tag_tree_pair(subject->name, subject->name_length, comparison, other.name,
							 other.name_length);
	}
	if (!parse_value_of(p, subject->source, 0, &value, room))
		return NULL;
	return tag_tree_compare(subject, comparison, &value);
}

static TagTree *
parse_between(Parser *p, const TagSubject *subject, bool outside)
{
	TagValue	low;
	TagValue	high;
	uint8_t		low_room[TAG_PAYLOAD_ROOM];
	uint8_t		high_room[TAG_PAYLOAD_ROOM];
	bool		can_be_open = subject->source != TAG_BY_ANNIVERSARY;
	uint8_t		open = can_be_open && take(p, "above") ? TAG_LOW_OPEN : 0;

	if (!parse_value_of(p, subject->source, 0, &low, low_room))
		return NULL;
	if (!take(p, "and"))
		return no_tree(p, "\"and\" and the upper bound");
	if (can_be_open && take(p, "below"))
		open |= TAG_HIGH_OPEN;
	if (!parse_value_of(p, subject->source, tag_value_class(low.type), &high, high_room))
		return NULL;
	return tag_tree_between(subject, outside, open, &low, &high);
}

static TagTree *
parse_since(Parser *p, const TagSubject *subject, TagComparison comparison)
{
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	if (!parse_value_of(p, subject->source, TAG_TIME, &value, room))
		return NULL;
	return tag_tree_compare(subject, comparison, &value);
}

/* Behind "within", or "before" if "last" follows */
static TagTree *
parse_window(Parser *p, const TagSubject *subject, bool within)
{
	TagWindowKind window = within ? TAG_WITHIN_LAST : TAG_BEFORE_LAST;
	TagInterval interval;

	if (within && is(p, "next"))
		window = TAG_WITHIN_NEXT;
	else if (!is(p, "last"))
		return no_tree(p, "\"last\" or \"next\"");
	if (subject->source != TAG_BY_VALUE &&
		(subject->source != TAG_BY_ANNIVERSARY || window == TAG_BEFORE_LAST))
	{
		no_tree(p, "a date or a time");
		core_set_hint(p->error,
					  "Only name and anniversary(name) have windows; age(name) < 30 days asks for when a tag was set.");
		return NULL;
	}
	lexer_next(&p->lexer);
	if (!parse_length(p, &interval))
		return NULL;
	return tag_tree_window(subject->source, subject->name, subject->name_length, window, interval);
}

/* What follows a name, or weight(name) and the like; *taken says whether anything does */
static TagTree *
parse_relation(Parser *p, const TagSubject *subject, bool *taken)
{
	bool		negated = false;

	*taken = true;
	if (p->lexer.kind == TOKEN_COMPARE)
		return parse_compare(p, subject);
	if (take(p, "not"))
		negated = true;
	if (take(p, "between"))
		return parse_between(p, subject, negated);
	if (subject->source == TAG_BY_VALUE && take(p, "in"))
		return parse_in(p, subject, negated ? TAG_NOT_IN : TAG_IN);
	if (negated)
		return no_tree(p, subject->source == TAG_BY_VALUE ? "\"in\" or \"between\"" : "\"between\"");
	if (take(p, "before"))
		return is(p, "last") ? parse_window(p, subject, false) : parse_since(p, subject, TAG_LT);
	if (take(p, "since"))
		return parse_since(p, subject, TAG_GE);
	if (take(p, "within"))
		return parse_window(p, subject, true);
	*taken = false;
	return NULL;
}

static TagTree *
parse_known(Parser *p, const TagSubject *subject)
{
	bool		negated = take(p, "not");
	TagTree    *leaf;

	if (!is(p, "known") && (negated || !is(p, "unknown")))
		return no_tree(p, negated ? "\"known\"" : "\"known\", \"not known\" or \"unknown\"");
	leaf = tag_tree_name(TAG_KNOWN, subject->name, subject->name_length);
	if (negated || is(p, "unknown"))
		tag_tree_not(leaf);
	lexer_next(&p->lexer);
	return leaf;
}

/* A leaf that starts with a name */
static TagTree *
parse_name_leaf(Parser *p)
{
	TagSubject	subject = {.source = TAG_BY_VALUE};
	TagTree    *leaf;
	bool		below = p->lexer.below;
	bool		taken;

	p->lexer.below = false;
	if (!parse_name(p, &subject, "a condition"))
		return NULL;
	if (below)
		return tag_tree_name(TAG_SUBTREE, subject.name, subject.name_length);
	leaf = parse_relation(p, &subject, &taken);
	if (taken)
		return leaf;
	if (take(p, "is"))
		return parse_known(p, &subject);
	if (is(p, "any") || is(p, "all") || is(p, "none"))
	{
		bool		all = is(p, "all");
		bool		none = is(p, "none");

		lexer_next(&p->lexer);
		if (!take(p, "of"))
			return no_tree(p, "\"of\"");
		if (all)
			return parse_all_of(p, &subject);
		leaf = parse_in(p, &subject, TAG_IN);
		return none && leaf != NULL ? tag_tree_not(leaf) : leaf;
	}
	if (is(p, "starts") || is(p, "ends"))
	{
		TagNodeKind kind = is(p, "starts") ? TAG_STARTS : TAG_ENDS;

		lexer_next(&p->lexer);
		return take(p, "with") ? parse_text_leaf(p, &subject, kind) : no_tree(p, "\"with\"");
	}
	if (take(p, "contains"))
		return parse_text_leaf(p, &subject, TAG_CONTAINS);
	return tag_tree_name(TAG_HAS, subject.name, subject.name_length);
}

/* ---- functions ---- */

/* weight ( name [, half-life [, as of]] ) */
static bool
parse_weight(Parser *p, TagSubject *subject)
{
	subject->source = TAG_BY_WEIGHT;
	if (!want_char(p, '(') || !parse_name(p, subject, "the name of a tag"))
		return false;
	if (take_char(p, ','))
	{
		subject->source = TAG_BY_DECAY;
		subject->as_of = TAG_NO_TIME;
		if (!parse_half_life(p, &subject->half_life))
			return false;
		if (take_char(p, ','))
		{
			TagValue	value;
			uint8_t		room[TAG_PAYLOAD_ROOM];

			if (!parse_value_of(p, TAG_BY_SET_AT, 0, &value, room))
				return false;
			subject->as_of = tag_moment_of(tag_load_ordered(value.payload));
		}
	}
	return is_char(p, ')') ? take_char(p, ')') : expected(p, "\",\" or \")\"");
}

static TagTree *
parse_age(Parser *p)
{
	TagSubject	subject;
	TagComparison comparison;
	TagInterval interval;

	if (!parse_name_in_parens(p, &subject))
		return NULL;
	comparison = p->lexer.comparison;
	if (p->lexer.kind != TOKEN_COMPARE)
		return no_tree(p, "a comparison");
	lexer_next(&p->lexer);
	if (!parse_length(p, &interval))
		return NULL;
	return tag_tree_age(subject.name, subject.name_length, comparison, interval);
}

static TagTree *
parse_segment(Parser *p)
{
	TagSubject	subject;

	if (!want_char(p, '(') || !parse_name(p, &subject, "the name of a segment") ||
		!want_char(p, ')'))
		return NULL;
	return tag_tree_name(TAG_SEGMENT_LEAF, subject.name, subject.name_length);
}

/* One of the parts of did(), each at most once */
static bool
parse_event_part(Parser *p, TagNode *event, bool *counted)
{
	if (!*counted && (is(p, "at") || is(p, "exactly")))
	{
		*counted = true;
		event->comparison = TAG_EQ;
		if (take(p, "at"))
		{
			if (!is(p, "least") && !is(p, "most"))
				return expected(p, "\"least\" or \"most\"");
			event->comparison = is(p, "least") ? TAG_GE : TAG_LE;
		}
		lexer_next(&p->lexer);
		return parse_count(p, &event->count);
	}
	if (event->window == TAG_WHENEVER && (is(p, "within") || is(p, "before")))
	{
		event->window = TAG_BEFORE_LAST;
		if (take(p, "within"))
			event->window = is(p, "next") ? TAG_WITHIN_NEXT : TAG_WITHIN_LAST;
		else
			take(p, "before");
		if (!is(p, "last") && event->window != TAG_WITHIN_NEXT)
			return expected(p, event->window == TAG_BEFORE_LAST ? "\"last\"" :
							"\"last\" or \"next\"");
		lexer_next(&p->lexer);
		return parse_length(p, &event->interval);
	}
	return expected(p, "at least, at most or exactly n, within last, before last or within next a length of time, each once");
}

static TagTree *
parse_event(Parser *p)
{
	TagSubject	subject;
	TagNode		event = {.comparison = TAG_GE, .count = 1};
	bool		counted = false;

	if (!want_char(p, '(') || !parse_name(p, &subject, "the name of an event"))
		return NULL;
	while (take_char(p, ','))
	{
		if (!parse_event_part(p, &event, &counted))
			return NULL;
	}
	if (!is_char(p, ')'))
		return no_tree(p, "\",\" or \")\"");
	lexer_next(&p->lexer);
	return tag_tree_event(subject.name, subject.name_length, event.comparison, event.count,
						  event.window, event.interval);
}

/* A leaf that starts with a word before a parenthesis */
static TagTree *
parse_function_leaf(Parser *p)
{
	static const struct
	{
		const char *name;
		TagSource	source;
	}			sources[] = {
		{"set_at", TAG_BY_SET_AT},
		{"date", TAG_BY_DATE},
		{"time", TAG_BY_TIME},
		{"anniversary", TAG_BY_ANNIVERSARY},
	};
	TagSubject	subject = {.source = TAG_BY_VALUE};
	TagTree    *leaf;
	bool		taken;

	if (take(p, "age"))
		return parse_age(p);
	if (take(p, "segment"))
		return parse_segment(p);
	if (take(p, "did"))
		return parse_event(p);
	if (take(p, "weight"))
	{
		if (!parse_weight(p, &subject))
			return NULL;
	}
	else
	{
		for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		{
			if (is(p, sources[i].name))
				subject.source = sources[i].source;
		}
		if (subject.source == TAG_BY_VALUE)
			return no_tree(p, "weight, age, set_at, date, time, anniversary, segment or did before \"(\"");
		lexer_next(&p->lexer);
		if (!parse_name_in_parens(p, &subject))
			return NULL;
	}
	leaf = parse_relation(p, &subject, &taken);
	return taken ? leaf : no_tree(p, "a comparison");
}

/* ---- groups ---- */

/* ( rule ) or, of "at least n of", ( rule, rule, ... ) into the group */
static TagTree *
parse_parens(Parser *p, TagTree *group)
{
	TagTree    *tree;

	if (!want_char(p, '('))
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
	} while (group != NULL && take_char(p, ','));
	p->depth--;
	if (!take_char(p, ')'))
		return no_tree(p, group != NULL ? "\"and\", \"or\", \",\" or \")\"" :
					   "\"and\", \"or\" or \")\"");
	return group != NULL ? group : tree;
}

/* "at least" if that is what comes, else nothing is taken */
static bool
take_at_least(Parser *p)
{
	Lexer		before = p->lexer;

	if (take(p, "at") && take(p, "least"))
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

	while (take_char(p, '!') || take(p, "not"))
		negated = !negated;
	if (is_char(p, '('))
		tree = parse_parens(p, NULL);
	else if (is(p, "at") && take_at_least(p))
	{
		if (!parse_count(p, &k))
			return NULL;
		tree = take(p, "of") ? parse_parens(p, tag_tree_group(TAG_AT_LEAST, k)) :
			no_tree(p, "\"of\"");
	}
	else if (p->lexer.kind == TOKEN_WORD && !is_operator(p) && lexer_before_paren(&p->lexer))
		tree = parse_function_leaf(p);
	else if (is(p, "true") || is(p, "false"))
	{
		tree = tag_tree_constant(is(p, "true"));
		lexer_next(&p->lexer);
	}
	else
		tree = parse_name_leaf(p);
	return negated && tree != NULL ? tag_tree_not(tree) : tree;
}

/* What one operator joins */
static TagTree *
parse_joined(Parser *p, TagNodeKind kind, char operator, const char *keyword,
			 TagTree *(*parse_part) (Parser *))
{
	TagTree    *tree = parse_part(p);
	TagTree    *group = NULL;

	while (tree != NULL && (is_char(p, operator) || is(p, keyword)))
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
	{
		expected(&p, "\"and\", \"or\" or the end");
		if (is_char(&p, ','))
			core_set_hint(error, "Conditions are joined by and, or.");
		return NULL;
	}
	return tag_tree_finish(tree, error);
}
