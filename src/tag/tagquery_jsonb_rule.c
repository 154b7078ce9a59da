/*
 * tagquery_jsonb_rule.c
 *	  Rules out of jsonb: field, operator and value.
 */
#include "tag/tagquery_jsonb.h"

/* What a rule asks with */
typedef struct Question
{
	const JsonbValue *object;
	const TagJsonPlace *place;
	const TagJsonOperator *operator;
	TagSubject	subject;
	bool		of_age;
} Question;

/* The value; or an error, as all operators that ask for it need one */
static const JsonbValue *
want_value(const Question *question, TagJsonPlace *there)
{
	const JsonbValue *value = tag_json_get(question->object, "value");

	*there = tag_json_at(question->place, "value");
	if (value == NULL)
		tag_json_bad(there, "Operator \"null\" asks whether a tag is missing.", "missing or null");
	return value;
}

/* Is the value the name of another field? */
static bool
value_is_field(const Question *question)
{
	const JsonbValue *source = tag_json_get(question->object, "valueSource");
	TagJsonPlace there = tag_json_at(question->place, "valueSource");

	if (source == NULL || tag_json_is_text(source, "value"))
		return false;
	if (!tag_json_is_text(source, "field"))
		tag_json_bad(&there, NULL, "neither \"value\" nor \"field\"");
	if (question->operator->form != TAG_JSON_COMPARE ||
		question->subject.source != TAG_BY_VALUE || question->of_age)
		tag_json_bad(&there, NULL,
					 "only values can be compared with another field, by =, !=, <, <=, > and >=");
	return true;
}

static TagTree *
read_compare(const Question *question)
{
	const TagSubject *subject = &question->subject;
	TagJsonPlace there;
	const JsonbValue *json;
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	if (value_is_field(question))
	{
		json = tag_json_want_name(question->object, "value", question->place);
		return tag_tree_pair(subject->name, subject->name_length, question->operator->what,
							 json->val.string.val, json->val.string.len);
	}
	json = want_value(question, &there);
	if (question->of_age)
		return tag_tree_age(subject->name, subject->name_length, question->operator->what,
							tag_json_interval(json, &there));
	tag_json_bound(&value, room, subject->source, json, &there);
	return tag_tree_compare(subject, question->operator->what, &value);
}

/* "[)" and the like: which bounds are left out themselves */
static uint8_t
read_open(const Question *question)
{
	const JsonbValue *value = tag_json_get(question->object, "bounds");
	TagJsonPlace there = tag_json_at(question->place, "bounds");
	const char *c;
	uint8_t		open;

	if (value == NULL)
		return 0;
	if (value->type != jbvString || value->val.string.len != 2 ||
		strchr("[(", value->val.string.val[0]) == NULL ||
		strchr("])", value->val.string.val[1]) == NULL)
		tag_json_bad(&there, NULL, "none of \"[]\", \"[)\", \"(]\" and \"()\"");
	c = value->val.string.val;
	open = (c[0] == '(' ? TAG_LOW_OPEN : 0) | (c[1] == ')' ? TAG_HIGH_OPEN : 0);
	if (open != 0 && question->subject.source == TAG_BY_ANNIVERSARY)
		tag_json_bad(&there, NULL, "anniversaries have closed bounds only");
	return open;
}

static TagTree *
read_between(const Question *question)
{
	const TagSubject *subject = &question->subject;
	uint8_t		open = read_open(question);
	TagJsonPlace there;
	const JsonbValue *json = want_value(question, &there);
	TagJsonList list;

	tag_json_list(&list, subject->source, json, &there);
	if (list.n != 2)
		tag_json_bad(&there, NULL, "not two values");
	if (tag_value_class(list.values[0].type) != tag_value_class(list.values[1].type))
		tag_json_bad(&there, NULL, "values of two types");
	return tag_tree_between(subject, question->operator->what != 0, open, &list.values[0],
							&list.values[1]);
}

static TagTree *
read_list_rule(const Question *question)
{
	TagJsonPlace there;
	const JsonbValue *json = want_value(question, &there);
	TagJsonList list;

	tag_json_list(&list, TAG_BY_VALUE, json, &there);
	return tag_tree_list(question->operator->what, question->subject.name,
						 question->subject.name_length, list.values, list.n);
}

static TagTree *
read_text_rule(const Question *question)
{
	TagJsonPlace there;
	const JsonbValue *json = want_value(question, &there);
	CoreError	error = {0};

	if (json->type != jbvString)
		tag_json_bad(&there, NULL, "not a string");
	if (!tag_check_text(json->val.string.val, json->val.string.len, &error))
		tag_json_bad_value(&there, &error);
	return tag_tree_text(question->operator->what, question->subject.name,
						 question->subject.name_length, json->val.string.val,
						 json->val.string.len);
}

static TagTree *
read_event(const Question *question)
{
	const JsonbValue *name = tag_json_want_name(question->object, "value", question->place);
	TagComparison comparison = TAG_GE;
	uint32_t	count = 1;
	TagWindowKind window = TAG_WHENEVER;
	TagInterval interval = {TAG_SECONDS, 0};

	for (int i = 0; i <= TAG_COMPARISON_LAST; i++)
	{
		if (tag_json_counts[i] != NULL && tag_json_get(question->object, tag_json_counts[i]) != NULL)
		{
			comparison = i;
			count = tag_json_want_count(question->object, tag_json_counts[i], question->place);
		}
	}
	for (int i = 0; i <= TAG_WINDOW_LAST; i++)
	{
		const JsonbValue *length;

		if (tag_json_windows[i] != NULL &&
			(length = tag_json_get(question->object, tag_json_windows[i])) != NULL)
		{
			TagJsonPlace there = tag_json_at(question->place, tag_json_windows[i]);

			window = i;
			interval = tag_json_interval(length, &there);
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
	TagJsonPlace there;

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
								   question->operator->what, tag_json_interval(json, &there));
		case TAG_JSON_SEGMENT:
			json = tag_json_want_name(question->object, "value", question->place);
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
	const JsonbValue *json = tag_json_want_string(question->object, "operator", question->place);
	TagJsonPlace there = tag_json_at(question->place, "operator");
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
		tag_json_bad(&there, "Operators are those of react-querybuilder, and those in the README.",
					 "unknown operator \"%.*s\"", (int) core_clip(name, length, 100), name);
}

TagTree *
tag_json_rule(const JsonbValue *object, const TagJsonPlace *place)
{
	Question	question = {object, place, NULL, {.source = TAG_BY_VALUE}, false};
	const JsonbValue *field;
	TagTree    *leaf;
	TagJsonPlace there;

	read_operator(&question);
	there = tag_json_at(place, "match");
	if (tag_json_get(object, "match") != NULL)
		tag_json_bad(&there, "Match modes are for groups: how many of their rules match.",
					 "a match mode of a rule on its own");
	if (question.operator->form != TAG_JSON_SEGMENT && question.operator->form != TAG_JSON_EVENT)
	{
		field = tag_json_want_name(object, "field", place);
		question.subject.name = field->val.string.val;
		question.subject.name_length = field->val.string.len;
	}
	if (question.subject.source == TAG_BY_WEIGHT && tag_json_get(object, "halfLife") != NULL)
	{
		question.subject.source = TAG_BY_DECAY;
		question.subject.as_of = TAG_NO_TIME;
		there = tag_json_at(place, "halfLife");
		question.subject.half_life = tag_json_half_life(tag_json_get(object, "halfLife"), &there);
		there = tag_json_at(place, "asOf");
		if (tag_json_get(object, "asOf") != NULL)
			question.subject.as_of = tag_json_as_of(tag_json_get(object, "asOf"), &there);
	}
	leaf = read_question(&question);
	return question.operator->negated ? tag_tree_not(leaf) : leaf;
}
