/*
 * tagquery_jsonb.c
 *	  Casts between tagquery and jsonb: rules as react-querybuilder has them,
 *	  see tagquery_json.h.
 *
 * Keys that we don't know (ids and what a page keeps for itself) don't
 * count.  Muted rules and groups are not there, nor are groups without rules
 * inside others, which a builder leaves behind; a rule without any is true.
 * What is not understood is an error that tells where it stands.
 */
#include "tag/tag_fmgr.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "tag/tag_tree.h"
#include "tag/tagquery_json.h"

/* Groups of one for "not", and the outermost, come on top of what rules may nest */
#define MAX_DEPTH (TAGQUERY_MAX_DEPTH + 2)

/* A place in the document, told from inside out */
typedef struct Place
{
	const struct Place *in;		/* NULL: the document */
	const char *key;			/* NULL: an element of an array */
	int			index;
	int			depth;
} Place;

static TagTree *read_node(const JsonbValue *value, const Place *place);

/* ---- errors ---- */

static void
print_place(TextOut *out, const Place *place)
{
	if (place->in == NULL)
	{
		text_out(out, "$");
		return;
	}
	print_place(out, place->in);
	if (place->key)
		text_out(out, ".%s", place->key);
	else
		text_out(out, "[%d]", place->index);
}

/* The end of a path that is longer than a message can take */
static const char *
shown_place(const Place *place)
{
	TextOut		out;

	text_out_start(&out);
	print_place(&out, place);
	return out.length <= 100 ? out.text : psprintf("...%s", out.text + out.length - 97);
}

static void bad_rule(const Place *place, const char *hint, const char *format,...)
			__attribute__((noreturn, cold)) CORE_PRINTF(3, 4);

static void
bad_rule(const Place *place, const char *hint, const char *format,...)
{
	char		problem[256];
	va_list		args;

	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("JSON of a tagquery at %s: %s", shown_place(place), problem),
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

/* An error of the core, with the place added to it */
static void bad_value(const Place *place, CoreError *error) __attribute__((noreturn, cold));

static void
bad_value(const Place *place, CoreError *error)
{
	if (error->detail[0] == '\0')
		core_set_detail(error, "It stands in the JSON at %s.", shown_place(place));
	core_report(error, NULL);
	pg_unreachable();
}

static inline int
shown(int length, const char *text)
{
	return (int) core_clip(text, length, 100);
}

/* ---- parts of objects ---- */

static Place
at_key(const Place *in, const char *key)
{
	return (Place) {in, key, 0, in->depth};
}

/* NULL too when it is null */
static JsonbValue *
get(const JsonbValue *object, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object->val.binary.data, key,
													 (int) strlen(key), NULL);

	return value != NULL && value->type != jbvNull ? value : NULL;
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
is_text(const JsonbValue *value, const char *text)
{
	return value->type == jbvString && value->val.string.len == (int) strlen(text) &&
		memcmp(value->val.string.val, text, strlen(text)) == 0;
}

static bool
get_flag(const JsonbValue *object, const char *key, const Place *place)
{
	JsonbValue *value = get(object, key);
	Place		there = at_key(place, key);

	if (value != NULL && value->type != jbvBool)
		bad_rule(&there, NULL, "neither true nor false");
	return value != NULL && value->val.boolean;
}

/* A string, or an error */
static const JsonbValue *
want_string(const JsonbValue *object, const char *key, const Place *place)
{
	JsonbValue *value = get(object, key);
	Place		there = at_key(place, key);

	if (value == NULL || value->type != jbvString)
		bad_rule(&there, NULL, value ? "not a string" : "missing");
	return value;
}

static const JsonbValue *
want_name(const JsonbValue *object, const char *key, const Place *place)
{
	const JsonbValue *name = want_string(object, key, place);
	Place		there = at_key(place, key);
	CoreError	error = {0};

	if (!tag_check_name(name->val.string.val, name->val.string.len, &error))
		bad_value(&there, &error);
	return name;
}

static char *
digits_of(const JsonbValue *number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(number->val.numeric)));
}

static uint32_t
want_count(const JsonbValue *object, const char *key, const Place *place)
{
	JsonbValue *value = get(object, key);
	Place		there = at_key(place, key);
	int64		count = -1;

	if (value != NULL && value->type == jbvNumeric)
	{
		char	   *digits = digits_of(value);

		if (strlen(digits) <= 10 && strspn(digits, "0123456789") == strlen(digits))
			count = strtoll(digits, NULL, 10);
	}
	if (count < 0 || count > PG_UINT32_MAX)
		bad_rule(&there, NULL, "not a whole number from 0 to %u", PG_UINT32_MAX);
	return (uint32_t) count;
}

/* ---- values ---- */

/* Numbers and booleans are what they are, a string is a date, a time or a text */
static void
read_value(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const JsonbValue *json,
		   const Place *place)
{
	CoreError	error = {0};
	const JsonbValue *quoted = NULL;
	char	   *digits;

	if (is_object(json))
	{
		quoted = get(json, "text");
		if (quoted == NULL || quoted->type != jbvString)
			bad_rule(place, "An object as a value is {\"text\": \"...\"}.", "not a value");
		json = quoted;
	}
	switch (json->type)
	{
		case jbvBool:
			tag_set_bool(value, room, json->val.boolean);
			return;
		case jbvNumeric:
			digits = digits_of(json);
			if (!tag_value_read(value, room, digits, strlen(digits), &error))
				bad_value(place, &error);
			return;
		case jbvString:
			if (quoted == NULL && tag_is_moment(json->val.string.val, json->val.string.len))
			{
				if (!tag_value_read(value, room, json->val.string.val, json->val.string.len, &error))
				{
					core_set_hint(&error, "If it is a text, write {\"text\": \"...\"}.");
					bad_value(place, &error);
				}
				return;
			}
			if (!tag_check_text(json->val.string.val, json->val.string.len, &error))
				bad_value(place, &error);
			tag_set_text(value, json->val.string.val, json->val.string.len);
			return;
		default:
			bad_rule(place, NULL, "not a number, a string, true or false");
	}
}

/*
 * A part of a rule that has a syntax of its own (a length of time, a day of
 * the year), read by the reader of rules: a leaf that ends or goes on with it.
 */
static bool
read_by_text(TagNode *leaf, const char *before, const JsonbValue *json, const char *after)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
	CoreError	error;
	TagqueryView rule;
	struct varlena *value;
	char	   *text;

	if (json == NULL || json->type != jbvString)
		return false;
	text = pnstrdup(json->val.string.val, json->val.string.len);
	if (strspn(text, allowed) != strlen(text))
		return false;
	text = psprintf("%s%s%s", before, text, after);
	value = tagquery_parse(text, strlen(text), &error);
	if (value == NULL)
		return false;
	tagquery_open_datum(&rule, PointerGetDatum(value));
	tag_node_read(leaf, rule.root, rule.end);
	return true;
}

static TagInterval
read_interval(const JsonbValue *json, const Place *place)
{
	TagNode		leaf;

	if (!read_by_text(&leaf, "x within last ", json, "") || leaf.kind != TAG_WINDOW)
		bad_rule(place, NULL, "not a length of time such as \"30 days\"");
	return leaf.interval;
}

static int64_t
read_half_life(const JsonbValue *json, const Place *place)
{
	TagNode		leaf;

	if (!read_by_text(&leaf, "weight(x, ", json, ") > 0") || leaf.kind != TAG_DECAYING)
		bad_rule(place, NULL, "not a half-life such as \"30 days\"");
	return leaf.half_life;
}

static int64_t
read_as_of(const JsonbValue *json, const Place *place)
{
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	read_value(&value, room, json, place);
	if (tag_value_class(value.type) != TAG_TIME)
		bad_rule(place, NULL, "not a time such as \"2026-11-11T00:00:00Z\"");
	return tag_moment_of(tag_load_ordered(value.payload));
}

static void
check_class(const TagValue *value, TagSource source, const Place *place)
{
	TagType		class = tag_source_class(source);

	if (class != 0 && tag_value_class(value->type) != class)
		bad_rule(place, NULL, class == TAG_NUMBER ? "not a number" : "not a date or a time");
}

/* What the subject can be compared with */
static void
read_bound(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], TagSource source,
		   const JsonbValue *json, const Place *place)
{
	TagNode		leaf;

	if (source == TAG_BY_ANNIVERSARY)
	{
		if (!read_by_text(&leaf, "anniversary(x) = ", json, "") || leaf.kind != TAG_RANGE)
			bad_rule(place, NULL, "not a day of the year such as \"02-29\"");
		tag_set_number(value, room, tag_number_of(tag_load_ordered(leaf.low.payload)));
		return;
	}
	read_value(value, room, json, place);
	check_class(value, source, place);
}

/* ---- lists: arrays, or words with commas between them ---- */

typedef struct ValueList
{
	TagValue   *values;
	uint8_t		(*rooms)[TAG_PAYLOAD_ROOM];
	uint32_t	n;
} ValueList;

static void
make_list(ValueList *list, size_t n)
{
	list->values = core_alloc(core_mul_size(n, sizeof(TagValue)));
	list->rooms = core_alloc(core_mul_size(n, sizeof(*list->rooms)));
	list->n = 0;
}

/* As the editors of react-querybuilder write them; without types, so these are words */
static void
read_words(ValueList *list, TagSource source, const JsonbValue *json, const Place *place)
{
	const char *p = json->val.string.val;
	const char *end = p + json->val.string.len;
	size_t		n = 1;
	CoreError	error = {0};

	for (const char *c = p; c < end; c++)
		n += *c == ',';
	make_list(list, n);
	for (; n > 0; n--)
	{
		const char *comma = memchr(p, ',', (size_t) (end - p));
		const char *last = comma ? comma : end;
		const char *start = p;

		CHECK_FOR_INTERRUPTS();
		while (start < last && *start == ' ')
			start++;
		while (last > start && last[-1] == ' ')
			last--;
		if (start == last)
			bad_rule(place, NULL, "a value is missing");
		if (source == TAG_BY_ANNIVERSARY)
		{
			JsonbValue	word = {.type = jbvString};

			word.val.string.val = unconstify(char *, start);
			word.val.string.len = (int) (last - start);
			read_bound(&list->values[list->n], list->rooms[list->n], source, &word, place);
		}
		else
		{
			if (!tag_value_read(&list->values[list->n], list->rooms[list->n], start,
								(size_t) (last - start), &error))
				bad_value(place, &error);
			check_class(&list->values[list->n], source, place);
		}
		list->n++;
		p = comma ? comma + 1 : end;
	}
}

static void
read_list(ValueList *list, TagSource source, const JsonbValue *json, const Place *place)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (json != NULL && json->type == jbvString && json->val.string.len > 0)
	{
		read_words(list, source, json, place);
		return;
	}
	if (json == NULL || !is_array(json) || JsonContainerSize(json->val.binary.data) == 0)
		bad_rule(place, NULL, "not an array of values");
	make_list(list, JsonContainerSize(json->val.binary.data));
	iterator = JsonbIteratorInit(json->val.binary.data);
	JsonbIteratorNext(&iterator, &element, true);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) == WJB_ELEM)
	{
		Place		there = {place, NULL, (int) list->n, place->depth};

		CHECK_FOR_INTERRUPTS();
		read_bound(&list->values[list->n], list->rooms[list->n], source, &element, &there);
		list->n++;
	}
}

/* ---- rules ---- */

/* What a rule asks with */
typedef struct Question
{
	const JsonbValue *object;
	const Place *place;
	const TagJsonOperator *operator;
	TagSubject	subject;
	bool		of_age;
} Question;

/* The value; or an error, as all operators that ask for it need one */
static const JsonbValue *
want_value(const Question *question, Place *there)
{
	const JsonbValue *value = get(question->object, "value");

	*there = at_key(question->place, "value");
	if (value == NULL)
		bad_rule(there, "Operator \"null\" asks whether a tag is missing.", "missing or null");
	return value;
}

/* Is the value the name of another field? */
static bool
value_is_field(const Question *question)
{
	const JsonbValue *source = get(question->object, "valueSource");
	Place		there = at_key(question->place, "valueSource");

	if (source == NULL || is_text(source, "value"))
		return false;
	if (!is_text(source, "field"))
		bad_rule(&there, NULL, "neither \"value\" nor \"field\"");
	if (question->operator->form != TAG_JSON_COMPARE ||
		question->subject.source != TAG_BY_VALUE || question->of_age)
		bad_rule(&there, NULL, "only values can be compared with another field, by =, !=, <, <=, > and >=");
	return true;
}

static TagTree *
read_compare(const Question *question)
{
	const TagSubject *subject = &question->subject;
	Place		there;
	const JsonbValue *json;
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	if (value_is_field(question))
	{
		json = want_name(question->object, "value", question->place);
		return tag_tree_pair(subject->name, subject->name_length, question->operator->what,
							 json->val.string.val, json->val.string.len);
	}
	json = want_value(question, &there);
	if (question->of_age)
		return tag_tree_age(subject->name, subject->name_length, question->operator->what,
							read_interval(json, &there));
	read_bound(&value, room, subject->source, json, &there);
	return tag_tree_compare(subject, question->operator->what, &value);
}

/* "[)" and the like: which bounds are left out themselves */
static uint8_t
read_open(const Question *question)
{
	const JsonbValue *value = get(question->object, "bounds");
	Place		there = at_key(question->place, "bounds");
	const char *c;
	uint8_t		open;

	if (value == NULL)
		return 0;
	if (value->type != jbvString || value->val.string.len != 2 ||
		strchr("[(", value->val.string.val[0]) == NULL ||
		strchr("])", value->val.string.val[1]) == NULL)
		bad_rule(&there, NULL, "none of \"[]\", \"[)\", \"(]\" and \"()\"");
	c = value->val.string.val;
	open = (c[0] == '(' ? TAG_LOW_OPEN : 0) | (c[1] == ')' ? TAG_HIGH_OPEN : 0);
	if (open != 0 && question->subject.source == TAG_BY_ANNIVERSARY)
		bad_rule(&there, NULL, "anniversaries have closed bounds only");
	return open;
}

static TagTree *
read_between(const Question *question)
{
	const TagSubject *subject = &question->subject;
	uint8_t		open = read_open(question);
	Place		there;
	const JsonbValue *json = want_value(question, &there);
	ValueList	list;

	read_list(&list, subject->source, json, &there);
	if (list.n != 2)
		bad_rule(&there, NULL, "not two values");
	if (tag_value_class(list.values[0].type) != tag_value_class(list.values[1].type))
		bad_rule(&there, NULL, "values of two types");
	return tag_tree_between(subject, question->operator->what != 0, open, &list.values[0],
							&list.values[1]);
}

static TagTree *
read_list_rule(const Question *question)
{
	Place		there;
	const JsonbValue *json = want_value(question, &there);
	ValueList	list;

	read_list(&list, TAG_BY_VALUE, json, &there);
	return tag_tree_list(question->operator->what, question->subject.name,
						 question->subject.name_length, list.values, list.n);
}

static TagTree *
read_text_rule(const Question *question)
{
	Place		there;
	const JsonbValue *json = want_value(question, &there);
	CoreError	error = {0};

	if (json->type != jbvString)
		bad_rule(&there, NULL, "not a string");
	if (!tag_check_text(json->val.string.val, json->val.string.len, &error))
		bad_value(&there, &error);
	return tag_tree_text(question->operator->what, question->subject.name,
						 question->subject.name_length, json->val.string.val,
						 json->val.string.len);
}

static TagTree *
read_event(const Question *question)
{
	const JsonbValue *name = want_name(question->object, "value", question->place);
	TagComparison comparison = TAG_GE;
	uint32_t	count = 1;
	TagWindowKind window = TAG_WHENEVER;
	TagInterval interval = {TAG_SECONDS, 0};

	for (int i = 0; i <= TAG_COMPARISON_LAST; i++)
	{
		if (tag_json_counts[i] != NULL && get(question->object, tag_json_counts[i]) != NULL)
		{
			comparison = i;
			count = want_count(question->object, tag_json_counts[i], question->place);
		}
	}
	for (int i = 0; i <= TAG_WINDOW_LAST; i++)
	{
		const JsonbValue *length;

		if (tag_json_windows[i] != NULL &&
			(length = get(question->object, tag_json_windows[i])) != NULL)
		{
			Place		there = at_key(question->place, tag_json_windows[i]);

			window = i;
			interval = read_interval(length, &there);
		}
	}
	return tag_tree_event(name->val.string.val, name->val.string.len, comparison, count, window,
						  interval);
}

static TagTree *
read_question(const Question *question)
{
	const TagSubject *subject = &question->subject;
	const JsonbValue *json;
	Place		there;

	if (question->operator->form != TAG_JSON_COMPARE)
		value_is_field(question);
	switch (question->operator->form)
	{
		case TAG_JSON_COMPARE:
			return read_compare(question);
		case TAG_JSON_BETWEEN:
			return read_between(question);
		case TAG_JSON_LIST:
			return read_list_rule(question);
		case TAG_JSON_TEXT:
			return read_text_rule(question);
		case TAG_JSON_NOTHING:
			return tag_tree_name(question->operator->what, subject->name, subject->name_length);
		case TAG_JSON_WINDOW:
			json = want_value(question, &there);
			return tag_tree_window(subject->source, subject->name, subject->name_length,
								   question->operator->what, read_interval(json, &there));
		case TAG_JSON_SEGMENT:
			json = want_name(question->object, "value", question->place);
			return tag_tree_name(TAG_SEGMENT_LEAF, json->val.string.val, json->val.string.len);
		case TAG_JSON_EVENT:
			return read_event(question);
	}
	pg_unreachable();
}

/* May this be asked of the subject? */
static bool
fits_subject(const Question *question)
{
	const TagJsonOperator *operator = question->operator;

	if (question->of_age)
		return operator->form == TAG_JSON_COMPARE;
	return question->subject.source == TAG_BY_VALUE ||
		operator->form == TAG_JSON_COMPARE || operator->form == TAG_JSON_BETWEEN ||
		(operator->form == TAG_JSON_WINDOW && operator->what != TAG_BEFORE_LAST &&
		 question->subject.source == TAG_BY_ANNIVERSARY);
}

/* "operator", with the word before it that tells what is asked about */
static void
read_operator(Question *question)
{
	const JsonbValue *json = want_string(question->object, "operator", question->place);
	Place		there = at_key(question->place, "operator");
	const char *name = json->val.string.val;
	int			length = json->val.string.len;
	const char *blank = memchr(name, ' ', length);

	if (blank != NULL)
	{
		size_t		word = (size_t) (blank - name);

		question->of_age = word == strlen(TAG_JSON_AGE) && memcmp(name, TAG_JSON_AGE, word) == 0;
		/* weights that decay have the same word as those that don't, and come later */
		for (int i = TAG_SOURCE_LAST; i > TAG_BY_VALUE; i--)
		{
			if (word == strlen(tag_json_subjects[i]) &&
				memcmp(name, tag_json_subjects[i], word) == 0)
				question->subject.source = i;
		}
		if (!question->of_age && question->subject.source == TAG_BY_VALUE)
			blank = NULL;
	}
	if (blank == NULL)
		blank = name - 1;
	question->operator = tag_json_operator(blank + 1, (size_t) (name + length - (blank + 1)));
	if (question->operator == NULL || !fits_subject(question))
		bad_rule(&there, "Operators are those of react-querybuilder, and those in the README.",
				 "unknown operator \"%.*s\"", shown(length, name), name);
}

static TagTree *
read_rule(const JsonbValue *object, const Place *place)
{
	Question	question = {object, place, NULL, {.source = TAG_BY_VALUE}, false};
	const JsonbValue *field;
	TagTree    *leaf;
	Place		there;

	read_operator(&question);
	there = at_key(place, "match");
	if (get(object, "match") != NULL)
		bad_rule(&there, "Match modes are for groups: how many of their rules match.",
				 "a match mode of a rule on its own");
	if (question.operator->form != TAG_JSON_SEGMENT && question.operator->form != TAG_JSON_EVENT)
	{
		field = want_name(object, "field", place);
		question.subject.name = field->val.string.val;
		question.subject.name_length = field->val.string.len;
	}
	if (question.subject.source == TAG_BY_WEIGHT && get(object, "halfLife") != NULL)
	{
		question.subject.source = TAG_BY_DECAY;
		question.subject.as_of = TAG_NO_TIME;
		there = at_key(place, "halfLife");
		question.subject.half_life = read_half_life(get(object, "halfLife"), &there);
		there = at_key(place, "asOf");
		if (get(object, "asOf") != NULL)
			question.subject.as_of = read_as_of(get(object, "asOf"), &there);
	}
	leaf = read_question(&question);
	return question.operator->negated ? tag_tree_not(leaf) : leaf;
}

/* ---- groups ---- */

/* The rules into the group; false when none is left of them */
static bool
read_rules(TagTree *group, const JsonbValue *rules, const Place *place)
{
	JsonbIterator *iterator = JsonbIteratorInit(rules->val.binary.data);
	JsonbValue	element;
	int			i = 0;

	JsonbIteratorNext(&iterator, &element, true);
	while (JsonbIteratorNext(&iterator, &element, true) == WJB_ELEM)
	{
		Place		there = {place, NULL, i++, place->depth + 1};
		TagTree    *child;

		if (element.type == jbvString)
			bad_rule(&there, "Give the group one combinator.",
					 "a combinator between rules is not understood");
		child = read_node(&element, &there);
		if (child != NULL)
			tag_tree_add(group, child);
	}
	return group->n > 0;
}

/* How many rules must match, of a group with a match mode */
typedef struct Match
{
	const char *mode;
	bool		counted;		/* by a threshold */
	TagNodeKind kind;
	bool		negated;
	int			more;			/* than the threshold */
} Match;

static const Match matches[] = {
	{"all", false, TAG_AND, false, 0},
	{"some", false, TAG_OR, false, 0},
	{"none", false, TAG_OR, true, 0},
	{"atLeast", true, TAG_AT_LEAST, false, 0},
	{"atMost", true, TAG_AT_LEAST, true, 1},
	{"exactly", true, TAG_AT_LEAST, false, 0},	/* and not one more */
};

static TagTree *
read_match(const JsonbValue *object, const JsonbValue *rules, const Place *rules_place,
		   const Place *place)
{
	Place		there = at_key(place, "match");
	const JsonbValue *json = get(object, "match");
	const JsonbValue *mode = is_object(json) ? get(json, "mode") : NULL;
	const Match *match = NULL;
	uint32_t	k = 0;
	TagTree    *group;
	TagTree    *more;
	TagTree    *both;

	for (size_t i = 0; mode != NULL && i < lengthof(matches); i++)
	{
		if (is_text(mode, matches[i].mode))
			match = &matches[i];
	}
	if (match == NULL)
		bad_rule(&there, NULL, "no match mode of all, some, none, atLeast, atMost and exactly");
	if (match->counted)
		k = want_count(json, "threshold", &there);
	if (k == PG_UINT32_MAX)
		bad_rule(&there, NULL, "threshold is too large");
	group = tag_tree_group(match->kind, k + match->more);
	if (!read_rules(group, rules, rules_place))
		return NULL;
	if (match->negated)
		return tag_tree_not(group);
	if (strcmp(match->mode, "exactly") != 0)
		return group;
	more = tag_tree_group(TAG_AT_LEAST, k + 1);
	read_rules(more, rules, rules_place);
	both = tag_tree_group(TAG_AND, 0);
	tag_tree_add(both, group);
	tag_tree_add(both, tag_tree_not(more));
	return both;
}

static TagNodeKind
read_combinator(const JsonbValue *object, const Place *place)
{
	const JsonbValue *combinator = get(object, "combinator");
	Place		there = at_key(place, "combinator");

	if (combinator == NULL)
		bad_rule(&there, "Groups have one combinator, there are none between rules.", "missing");
	if (is_text(combinator, "and") || is_text(combinator, "AND"))
		return TAG_AND;
	if (is_text(combinator, "or") || is_text(combinator, "OR"))
		return TAG_OR;
	bad_rule(&there, is_text(combinator, "xor") ?
			 "For xor of two rules, take the match mode exactly 1." : NULL,
			 "neither \"and\" nor \"or\"");
}

/* NULL when there are no rules in it */
static TagTree *
read_group(const JsonbValue *object, const Place *place)
{
	Place		there = at_key(place, "rules");
	const JsonbValue *rules = get(object, "rules");
	TagTree    *group;

	if (rules == NULL || !is_array(rules))
		bad_rule(&there, NULL, "not an array of rules");
	if (get(object, "match") != NULL)
		group = read_match(object, rules, &there, place);
	else
	{
		/* a group of one rule or none may do without */
		group = tag_tree_group(JsonContainerSize(rules->val.binary.data) > 1 ||
							   get(object, "combinator") != NULL ?
							   read_combinator(object, place) : TAG_AND, 0);
		if (!read_rules(group, rules, &there))
			group = NULL;
	}
	return group != NULL && get_flag(object, "not", place) ? tag_tree_not(group) : group;
}

/* A rule or a group; NULL when it is muted, or a group without rules */
static TagTree *
read_node(const JsonbValue *value, const Place *place)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (place->depth > MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("JSON of a tagquery nests too deep"),
				 errdetail("Rules nest at most %d deep.", TAGQUERY_MAX_DEPTH)));
	if (!is_object(value))
		bad_rule(place, NULL, "not an object");
	if (get_flag(value, "muted", place))
		return NULL;
	if (getKeyJsonValueFromContainer(value->val.binary.data, "rules", 5, NULL) != NULL)
		return read_group(value, place);
	return read_rule(value, place);
}

/* ---- casts ---- */

/*
 * tagquery(rule jsonb): the rule.  What is not understood is 22023, with the
 * place; a number that double precision does not hold 22003; what nests too deep
 * 54000.
 */
PORTRAIT_FUNCTION(portrait_tagquery_from_jsonb);
Datum
portrait_tagquery_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	Place		document = {NULL, NULL, 0, 0};
	JsonbValue	root = {.type = jbvBinary};
	CoreError	error;
	TagTree    *tree;
	void	   *rule;

	root.val.binary.data = &jsonb->root;
	root.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	tree = read_node(&root, &document);
	if (tree == NULL)
		tree = tag_tree_constant(!get_flag(&root, "not", &document));
	rule = tag_tree_finish(tree, &error);
	if (rule == NULL)
		core_report(&error, NULL);
	PG_RETURN_POINTER(rule);
}

/* tagquery_to_jsonb(rule tagquery): as react-querybuilder has it */
PORTRAIT_FUNCTION(portrait_tagquery_to_jsonb);
Datum
portrait_tagquery_to_jsonb(PG_FUNCTION_ARGS)
{
	TagqueryView rule;
	TextOut		out;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	text_out_start(&out);
	tagquery_json_print(&out, &rule);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.text));
}
