/*
 * segment_tally.c
 *	  Counting in how many sets ids are, see segment_tally.h.
 */
#include "segment/segment_tally.h"

/* ---- algebra on owned sets ---- */

static Segment *
combine(SegmentOp op, const Segment *a, const Segment *b)
{
	SegmentView va;
	SegmentView vb;

	segment_open(&va, a, segment_size(a));
	segment_open(&vb, b, segment_size(b));
	return segment_op(op, &va, &vb, false);
}

/* *a becomes *a op b */
static void
apply(SegmentOp op, Segment **a, const Segment *b)
{
	Segment    *result = combine(op, *a, b);

	core_free(*a);
	*a = result;
}

static uint32_t
parts_of(uint32_t k)
{
	return 1 + (k == 1 ? 0 : 32 - __builtin_clz(k - 1));
}

void
segment_tally_start(SegmentTally *tally, uint32_t k)
{
	tally->k = k;
	tally->nparts = parts_of(k);
	for (uint32_t i = 0; i < tally->nparts; i++)
		tally->parts[i] = segment_make_empty();
}

/*
 * The ids whose count, as the slices tell it, is at least k.  From the highest
 * bit down: "more" is above k already, "equal" agrees with k so far.
 */
static Segment *
reached(const SegmentTally *t)
{
	uint32_t	nslices = t->nparts - 1;
	Segment    *more = segment_make_empty();
	Segment    *equal = segment_make_empty();

	/* k = 2^nslices does not fit in the slices: nothing reaches it there */
	if (nslices == 0 || (uint64_t) t->k >> nslices != 0)
	{
		core_free(equal);
		return more;
	}
	for (uint32_t i = 0; i < nslices; i++)
		apply(SEGMENT_OR, &equal, t->parts[1 + i]);
	for (uint32_t i = nslices; i-- > 0;)
	{
		const Segment *slice = t->parts[1 + i];

		if ((t->k >> i) & 1)
			apply(SEGMENT_AND, &equal, slice);
		else
		{
			Segment    *above = combine(SEGMENT_AND, equal, slice);

			apply(SEGMENT_OR, &more, above);
			apply(SEGMENT_ANDNOT, &equal, slice);
			core_free(above);
		}
	}
	apply(SEGMENT_OR, &more, equal);
	core_free(equal);
	return more;
}

/* Ids that reached k leave the slices */
static void
promote(SegmentTally *t, const Segment *ids)
{
	if (ids->n == 0)
		return;
	apply(SEGMENT_OR, &t->parts[0], ids);
	for (uint32_t i = 1; i < t->nparts; i++)
		apply(SEGMENT_ANDNOT, &t->parts[i], ids);
}

/* Of the ids just counted, those whose count is k now; "ids" is used up */
static Segment *
just_reached(const SegmentTally *t, Segment *ids)
{
	uint32_t	nslices = t->nparts - 1;

	for (uint32_t i = 0; i < nslices && ids->n > 0; i++)
		apply((t->k >> i) & 1 ? SEGMENT_AND : SEGMENT_ANDNOT, &ids, t->parts[1 + i]);
	return ids;
}

void
segment_tally_add(SegmentTally *t, const SegmentView *set)
{
	SegmentView view;
	Segment    *ids;
	Segment    *carry;

	segment_open(&view, t->parts[0], segment_size(t->parts[0]));
	ids = segment_op(SEGMENT_ANDNOT, set, &view, false);
	carry = core_alloc(segment_size(ids));
	core_copy(carry, ids, segment_size(ids));
	for (uint32_t i = 1; i < t->nparts && carry->n > 0; i++)
	{
		Segment    *next = combine(SEGMENT_AND, t->parts[i], carry);

		apply(SEGMENT_XOR, &t->parts[i], carry);
		core_free(carry);
		carry = next;
	}
	/* a carry out of the last slice is a count of 2^nslices, which then is k */
	if ((uint64_t) t->k >> (t->nparts - 1) == 0)
	{
		core_free(carry);
		carry = just_reached(t, ids);
	}
	else
		core_free(ids);
	promote(t, carry);
	core_free(carry);
}

void
segment_tally_merge(SegmentTally *t, const SegmentTally *other)
{
	Segment    *carry = segment_make_empty();
	Segment    *full;

	for (uint32_t i = 1; i < t->nparts; i++)
	{
		/* sum = a ^ b ^ carry, carry = a & b | (a ^ b) & carry */
		Segment    *half = combine(SEGMENT_XOR, t->parts[i], other->parts[i]);
		Segment    *both = combine(SEGMENT_AND, t->parts[i], other->parts[i]);
		Segment    *sum = combine(SEGMENT_XOR, half, carry);

		apply(SEGMENT_AND, &carry, half);
		apply(SEGMENT_OR, &carry, both);
		core_free(half);
		core_free(both);
		core_free(t->parts[i]);
		t->parts[i] = sum;
	}
	apply(SEGMENT_OR, &carry, other->parts[0]);
	apply(SEGMENT_OR, &carry, t->parts[0]);
	promote(t, carry);
	core_free(carry);
	full = reached(t);
	promote(t, full);
	core_free(full);
}

/* ---- the image ---- */

static size_t
aligned(size_t size)
{
	return (size + 7) & ~(size_t) 7;
}

size_t
segment_tally_size(const SegmentTally *t)
{
	size_t		size = SEGMENT_TALLY_HEADER_SIZE;

	for (uint32_t i = 0; i < t->nparts; i++)
		size += aligned(segment_size(t->parts[i]));
	if (size > SEGMENT_MAX_SIZE)
		core_throw(CORE_LIMIT, "Count over fewer or smaller segments.",
				   "segment_tally would be larger than 512 MB");
	return size;
}

void
segment_tally_write(const SegmentTally *t, void *image, size_t size)
{
	uint8_t    *p = image;

	memset(p, 0, SEGMENT_TALLY_HEADER_SIZE);
	segment_set_size(p, size);
	p[4] = SEGMENT_TALLY_VERSION;
	store16(p + 6, (uint16_t) t->nparts);
	store32(p + 8, t->k);
	p += SEGMENT_TALLY_HEADER_SIZE;
	for (uint32_t i = 0; i < t->nparts; i++)
	{
		size_t		part = segment_size(t->parts[i]);

		core_copy(p, t->parts[i], part);
		memset(p + part, 0, aligned(part) - part);
		p += aligned(part);
	}
}

static bool
wrong(CoreError *error, const char *what)
{
	if (error == NULL)
		core_throw(CORE_CORRUPT, NULL, "corrupt value of type segment_tally: %s", what);
	core_set_error(error, CORE_BAD_BINARY, "invalid value of type segment_tally");
	core_set_detail(error, "Problem: %s.", what);
	return false;
}

/* The rules that no slice can break in a tally that we made */
static bool
check_parts(const SegmentTally *t, CoreError *error)
{
	Segment    *full = reached(t);
	bool		ok = full->n == 0;

	core_free(full);
	for (uint32_t i = 1; ok && i < t->nparts; i++)
	{
		SegmentView a;
		SegmentView b;

		segment_open(&a, t->parts[0], segment_size(t->parts[0]));
		segment_open(&b, t->parts[i], segment_size(t->parts[i]));
		ok = !segment_overlaps(&a, &b);
	}
	return ok || wrong(error, "counts above k");
}

bool
segment_tally_read(SegmentTally *t, const void *image, size_t size, CoreError *error)
{
	const uint8_t *p = image;
	size_t		at = SEGMENT_TALLY_HEADER_SIZE;

	if (size < SEGMENT_TALLY_HEADER_SIZE || p[4] != SEGMENT_TALLY_VERSION || p[5] != 0)
		return wrong(error, "unknown version");
	t->k = load32(p + 8);
	if (t->k < 1 || t->k > INT32_MAX || load32(p + 12) != 0 ||
		load16(p + 6) != parts_of(t->k))
		return wrong(error, "wrong header");
	t->nparts = 0;
	for (uint32_t n = parts_of(t->k); t->nparts < n; t->nparts++)
	{
		size_t		part;
		Segment    *copy;

		/* the two lowest bits of a length word would be lost: one value, one image */
		if (size - at < SEGMENT_HEADER_SIZE || (load32(p + at) & 3) != 0 ||
			(part = segment_size(p + at)) < SEGMENT_HEADER_SIZE ||
			size - at < aligned(part))
			return wrong(error, "wrong length of a part");
		copy = core_alloc(part);
		core_copy(copy, p + at, part);
		segment_set_size(copy, part);
		t->parts[t->nparts] = copy;
		if (error != NULL && !segment_check(copy, part, error))
			return false;
		for (size_t i = part; i < aligned(part); i++)
			if (p[at + i] != 0)
				return wrong(error, "padding that is not zero");
		at += aligned(part);
	}
	if (at != size)
		return wrong(error, "trailing bytes");
	return error == NULL || check_parts(t, error);
}

/* ---- text ---- */

char *
segment_tally_print(const SegmentTally *t)
{
	char	   *texts[SEGMENT_TALLY_MAX_PARTS];
	size_t		lengths[SEGMENT_TALLY_MAX_PARTS];
	size_t		total = 16;
	char	   *out;
	char	   *p;
	uint32_t	k = t->k;
	int			ndigits = 0;

	for (uint32_t i = 0; i < t->nparts; i++)
	{
		SegmentView view;

		segment_open(&view, t->parts[i], segment_size(t->parts[i]));
		texts[i] = segment_print(&view);
		lengths[i] = strlen(texts[i]);
		total += lengths[i] + 1;
	}
	out = p = core_alloc(total);
	for (uint32_t x = k; x > 0; x /= 10)
		ndigits++;
	for (int d = ndigits; d-- > 0; k /= 10)
		p[d] = (char) ('0' + k % 10);
	p += ndigits;
	for (uint32_t i = 0; i < t->nparts; i++)
	{
		*p++ = ';';
		core_copy(p, texts[i], lengths[i]);
		p += lengths[i];
		core_free(texts[i]);
	}
	*p = '\0';
	return out;
}

static bool
bad_text(CoreError *error, const char *detail)
{
	core_set_error(error, CORE_BAD_TEXT, "invalid input syntax for type segment_tally");
	core_set_detail(error, "%s", detail);
	return false;
}

bool
segment_tally_parse(SegmentTally *t, const char *text, CoreError *error)
{
	uint64_t	k = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && k <= INT32_MAX; p++)
		k = k * 10 + (uint64_t) (*p - '0');
	if (p == text || k < 1 || k > INT32_MAX)
		return bad_text(error, "The text must start with k, 1 to 2147483647.");
	t->k = (uint32_t) k;
	t->nparts = 0;
	for (uint32_t n = parts_of(t->k); t->nparts < n; t->nparts++)
	{
		size_t		length;

		if (*p++ != ';')
			return bad_text(error, "There must be one segment for each slice, after semicolons.");
		length = strcspn(p, ";");
		t->parts[t->nparts] = segment_parse(p, length, error);
		if (t->parts[t->nparts] == NULL)
			return false;
		p += length;
	}
	if (*p != '\0')
		return bad_text(error, "There are more segments than slices.");
	if (!check_parts(t, error))
	{
		error->code = CORE_BAD_TEXT;
		return false;
	}
	return true;
}
