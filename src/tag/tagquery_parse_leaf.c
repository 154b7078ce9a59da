/*
 * tagquery_parse_leaf.c
 *	  Text to rule: names, literals, lengths of time, and the leaves made of
 *	  them; see tagquery_parse.c.
 */
#include "tag/tagquery_parse.h"

#define INTERRUPT_TERMS 4096

/* ---- names and texts ---- */

/* A word or string of 1 to TAG_NAME_MAX bytes */
static bool
parse_name(Parser *p, TagSubject *subject, const char *what)
{
	Lexer	   *l = &p->lexer;

	if ((l->kind != TOKEN_WORD && l->kind != TOKEN_STRING) || l->below || l->length == 0 ||
		parser_at_operator(p) || parser_at(p, "true") || parser_at(p, "false"))
		return parser_expected(p, what);
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
	return parser_want_char(p, '(') && parse_name(p, subject, "the name of a tag") &&
		parser_want_char(p, ')');
}

static bool
parse_text(Parser *p, TagValue *text)
{
	Lexer	   *l = &p->lexer;

	/* levels below are asked for of names only */
	if ((l->kind != TOKEN_STRING && l->kind != TOKEN_WORD) || l->below)
		return parser_expected(p, "a text");
	if (!tag_check_text(l->bytes, l->length, p->error))
		return false;
	tag_set_text(text, l->bytes, l->length);
	lexer_next(l);
	return true;
}

/* ---- literals ---- */

/* The half-life of a weight, of a length that no calendar changes */
static bool
parse_half_life(Parser *p, int64_t *half_life)
{
	TagInterval interval;
	Lexer		before = p->lexer;

	if (!parser_length(p, &interval))
		return false;
	if (interval.unit == TAG_SECONDS)
		*half_life = interval.count * INT64_C(1000000);
	else if (interval.unit == TAG_MONTHS ||
			 __builtin_mul_overflow(interval.count, TAG_USECS_PER_DAY, half_life))
		*half_life = 0;
	if (tag_half_life_check(*half_life))
		return true;
	p->lexer = before;
	parser_expected(p, "a half-life");
	core_set_hint(p->error,
				  "Write it in days, hours, minutes or seconds, from 1 second to 100 million days.");
	return false;
}

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
		return parser_expected(p, "a day as MM-DD");
	/* is it in the calendar of a leap year? */
	memcpy(date + 5, d, 5);
	if (!tag_read_moment(date, sizeof(date), &type, &usecs, p->error))
		return parser_expected(p, "a day as MM-DD");
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
	if (l->kind != TOKEN_WORD || l->below || parser_at_operator(p) || parser_at(p, "null"))
		return parser_expected(p, "a value");
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
	return parser_expected(p, class_name(class));
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
	if (!parser_want_char(p, '('))
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
	} while (parser_take_char(p, ','));
	/* the rooms may have moved */
	for (uint32_t i = 0; i < list->n; i++)
	{
		if (list->values[i].type != TAG_TEXT)
			list->values[i].payload = list->rooms[i];
	}
	return parser_at_char(p, ')') ? parser_take_char(p, ')') : parser_expected(p, "\",\" or \")\"");
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
	if (subject->source == TAG_BY_VALUE && parser_at(p, "value") && lexer_before_paren(&p->lexer))
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
	uint8_t		open = can_be_open && parser_take(p, "above") ? TAG_LOW_OPEN : 0;

	if (!parse_value_of(p, subject->source, 0, &low, low_room))
		return NULL;
	if (!parser_take(p, "and"))
		return parser_no_tree(p, "\"and\" and the upper bound");
	if (can_be_open && parser_take(p, "below"))
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

	if (within && parser_at(p, "next"))
		window = TAG_WITHIN_NEXT;
	else if (!parser_at(p, "last"))
		return parser_no_tree(p, "\"last\" or \"next\"");
	if (subject->source != TAG_BY_VALUE &&
		(subject->source != TAG_BY_ANNIVERSARY || window == TAG_BEFORE_LAST))
	{
		parser_no_tree(p, "a date or a time");
		core_set_hint(p->error, "Only name and anniversary(name) have windows; "
					  "age(name) < 30 days asks for when a tag was set.");
		return NULL;
	}
	lexer_next(&p->lexer);
	if (!parser_length(p, &interval))
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
	if (parser_take(p, "not"))
		negated = true;
	if (parser_take(p, "between"))
		return parse_between(p, subject, negated);
	if (subject->source == TAG_BY_VALUE && parser_take(p, "in"))
		return parse_in(p, subject, negated ? TAG_NOT_IN : TAG_IN);
	if (negated)
		return parser_no_tree(p, subject->source == TAG_BY_VALUE ? "\"in\" or \"between\"" :
							  "\"between\"");
	if (tag_source_class(subject->source) != TAG_NUMBER || subject->source == TAG_BY_ANNIVERSARY)
	{
		if (parser_take(p, "before"))
			return parser_at(p, "last") ? parse_window(p, subject, false) :
				parse_since(p, subject, TAG_LT);
		if (parser_take(p, "since"))
			return parse_since(p, subject, TAG_GE);
		if (parser_take(p, "within"))
			return parse_window(p, subject, true);
	}
	*taken = false;
	return NULL;
}

static TagTree *
parse_known(Parser *p, const TagSubject *subject)
{
	bool		negated = parser_take(p, "not");
	TagTree    *leaf;

	if (!parser_at(p, "known") && (negated || !parser_at(p, "unknown")))
		return parser_no_tree(p, negated ? "\"known\"" : "\"known\", \"not known\" or \"unknown\"");
	leaf = tag_tree_name(TAG_KNOWN, subject->name, subject->name_length);
	if (negated || parser_at(p, "unknown"))
		tag_tree_not(leaf);
	lexer_next(&p->lexer);
	return leaf;
}

/* A leaf that starts with a name */
TagTree *
parser_name_leaf(Parser *p)
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
	if (parser_take(p, "is"))
		return parse_known(p, &subject);
	if (parser_at(p, "any") || parser_at(p, "all") || parser_at(p, "none"))
	{
		bool		all = parser_at(p, "all");
		bool		none = parser_at(p, "none");

		lexer_next(&p->lexer);
		if (!parser_take(p, "of"))
			return parser_no_tree(p, "\"of\"");
		if (all)
			return parse_all_of(p, &subject);
		leaf = parse_in(p, &subject, TAG_IN);
		return none && leaf != NULL ? tag_tree_not(leaf) : leaf;
	}
	if (parser_at(p, "starts") || parser_at(p, "ends"))
	{
		TagNodeKind kind = parser_at(p, "starts") ? TAG_STARTS : TAG_ENDS;

		lexer_next(&p->lexer);
		return parser_take(p, "with") ? parse_text_leaf(p, &subject, kind) :
			parser_no_tree(p, "\"with\"");
	}
	if (parser_take(p, "contains"))
		return parse_text_leaf(p, &subject, TAG_CONTAINS);
	return tag_tree_name(TAG_HAS, subject.name, subject.name_length);
}

/* ---- functions ---- */

/* weight ( name [, half-life [, as of]] ) */
static bool
parse_weight(Parser *p, TagSubject *subject)
{
	subject->source = TAG_BY_WEIGHT;
	if (!parser_want_char(p, '(') || !parse_name(p, subject, "the name of a tag"))
		return false;
	if (parser_take_char(p, ','))
	{
		subject->source = TAG_BY_DECAY;
		subject->as_of = TAG_NO_TIME;
		if (!parse_half_life(p, &subject->half_life))
			return false;
		if (parser_take_char(p, ','))
		{
			TagValue	value;
			uint8_t		room[TAG_PAYLOAD_ROOM];

			if (!parse_value_of(p, TAG_BY_SET_AT, 0, &value, room))
				return false;
			subject->as_of = tag_moment_of(tag_load_ordered(value.payload));
		}
	}
	return parser_at_char(p, ')') ? parser_take_char(p, ')') : parser_expected(p, "\",\" or \")\"");
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
		return parser_no_tree(p, "a comparison");
	lexer_next(&p->lexer);
	if (!parser_length(p, &interval))
		return NULL;
	return tag_tree_age(subject.name, subject.name_length, comparison, interval);
}

static TagTree *
parse_segment(Parser *p)
{
	TagSubject	subject;

	if (!parser_want_char(p, '(') || !parse_name(p, &subject, "the name of a segment") ||
		!parser_want_char(p, ')'))
		return NULL;
	return tag_tree_name(TAG_SEGMENT_LEAF, subject.name, subject.name_length);
}

/* One of the parts of did(), each at most once */
static bool
parse_event_part(Parser *p, TagNode *event, bool *counted)
{
	if (!*counted && (parser_at(p, "at") || parser_at(p, "exactly")))
	{
		*counted = true;
		event->comparison = TAG_EQ;
		if (parser_take(p, "at"))
		{
			if (!parser_at(p, "least") && !parser_at(p, "most"))
				return parser_expected(p, "\"least\" or \"most\"");
			event->comparison = parser_at(p, "least") ? TAG_GE : TAG_LE;
		}
		lexer_next(&p->lexer);
		return parser_count(p, &event->count);
	}
	if (event->window == TAG_WHENEVER && (parser_at(p, "within") || parser_at(p, "before")))
	{
		event->window = TAG_BEFORE_LAST;
		if (parser_take(p, "within"))
			event->window = parser_at(p, "next") ? TAG_WITHIN_NEXT : TAG_WITHIN_LAST;
		else
			parser_take(p, "before");
		if (!parser_at(p, "last") && event->window != TAG_WITHIN_NEXT)
			return parser_expected(p, event->window == TAG_BEFORE_LAST ? "\"last\"" :
							"\"last\" or \"next\"");
		lexer_next(&p->lexer);
		return parser_length(p, &event->interval);
	}
	return parser_expected(p, "at least, at most or exactly n, within last, before last or "
						   "within next a length of time, each once");
}

static TagTree *
parse_event(Parser *p)
{
	TagSubject	subject;
	TagNode		event = {.comparison = TAG_GE, .count = 1};
	bool		counted = false;

	if (!parser_want_char(p, '(') || !parse_name(p, &subject, "the name of an event"))
		return NULL;
	while (parser_take_char(p, ','))
	{
		if (!parse_event_part(p, &event, &counted))
			return NULL;
	}
	if (!parser_at_char(p, ')'))
		return parser_no_tree(p, "\",\" or \")\"");
	lexer_next(&p->lexer);
	return tag_tree_event(subject.name, subject.name_length, event.comparison, event.count,
						  event.window, event.interval);
}

/* A leaf that starts with a word before a parenthesis */
TagTree *
parser_function_leaf(Parser *p)
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

	if (parser_take(p, "age"))
		return parse_age(p);
	if (parser_take(p, "segment"))
		return parse_segment(p);
	if (parser_take(p, "did"))
		return parse_event(p);
	if (parser_take(p, "weight"))
	{
		if (!parse_weight(p, &subject))
			return NULL;
	}
	else
	{
		for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		{
			if (parser_at(p, sources[i].name))
				subject.source = sources[i].source;
		}
		if (subject.source == TAG_BY_VALUE)
			return parser_no_tree(p, "weight, age, set_at, date, time, anniversary, segment or did "
								  "before \"(\"");
		lexer_next(&p->lexer);
		if (!parse_name_in_parens(p, &subject))
			return NULL;
	}
	leaf = parse_relation(p, &subject, &taken);
	return taken ? leaf : parser_no_tree(p, "a comparison");
}
