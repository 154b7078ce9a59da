/*
 * identity_check.c
 *	  Are these bytes the one image of a map?
 *
 * One pass, in time linear in the size.  Of each identifier only the bytes that
 * are not shared are looked at: the shared ones have been, and the first that
 * follows them must be above the byte it replaces.
 */
#include "identity/identity_layout.h"

typedef struct Check
{
	IdentityView view;
	const uint8_t *next;
	const uint8_t *limit;
	uint8_t    *last;			/* the identifier before */
	size_t		last_length;
	size_t		room;
	uint32_t	customers;		/* seen so far */
	bool		wide;
	CoreError  *error;
} Check;

static bool
wrong(Check *c, const char *what)
{
	core_set_error(c->error, CORE_BAD_BINARY, "invalid binary representation of type identity_map");
	core_set_detail(c->error, "%s", what);
	return false;
}

static bool
check_bytes(Check *c, const uint8_t *bytes, size_t n)
{
	if (c->view.kind == IDENTITY_BIGINT)
		return true;
	if (memchr(bytes, 0, n) != NULL)
		return wrong(c, "An identifier has a byte of zero.");
	for (size_t i = 0; i < n; i++)
		c->wide |= bytes[i] >= 0x80;
	return true;
}

static bool
check_identifier(Check *c, uint32_t i)
{
	bool		first = i % IDENTITY_BLOCK == 0;
	size_t		shared;
	size_t		rest;

	if (first && load32(c->view.base + IDENTITY_HEADER_SIZE + (size_t) (i / IDENTITY_BLOCK) * 4) !=
		(size_t) (c->next - (c->view.base + c->view.blocks_at)))
		return wrong(c, "The directory has a wrong place.");
	c->next = identity_read_entry(c->next, c->limit, c->view.kind, first, &shared, &rest);
	if (c->next == NULL || rest > (size_t) (c->limit - c->next))
		return wrong(c, "A length is wrong.");
	if (shared > c->last_length)
		return wrong(c, "An identifier shares more than there is.");
	if (!check_bytes(c, c->next, rest))
		return false;
	if (first && i > 0)
	{
		if (identity_compare(c->last, c->last_length, c->next, rest) >= 0)
			return wrong(c, "Identifiers do not ascend.");
	}
	else if (i > 0 && (rest == 0 || (shared < c->last_length && c->last[shared] >= c->next[0])))
		return wrong(c, "Identifiers do not ascend, or share more than is written.");
	if (shared + rest > c->room)
	{
		c->room = shared + rest + (shared + rest) / 2;
		c->last = core_realloc(c->last, c->room);
	}
	memcpy(c->last + shared, c->next, rest);
	c->last_length = shared + rest;
	c->next += rest;
	return true;
}

static bool
check_number(Check *c, uint32_t i)
{
	const IdentityView *view = &c->view;
	uint64_t	bit = (uint64_t) i * view->width;
	size_t		at = view->numbers_at + bit / 8;
	uint32_t	number = identity_unpack(view->base + at, view->size - at, bit % 8, view->width);

	if (number > c->customers || number >= view->customers)
		return wrong(c, "Customers are not numbered in the order of their smallest identifiers.");
	c->customers += number == c->customers;
	return true;
}

/* The bits of the last byte that no number needs */
static bool
check_padding(Check *c)
{
	uint64_t	bits = (uint64_t) c->view.n * c->view.width;

	return bits % 8 == 0 ||
		c->view.base[c->view.numbers_at + bits / 8] >> (bits % 8) == 0;
}

static bool
check_all(Check *c, uint8_t encoding)
{
	if (c->view.size > IDENTITY_MAX_SIZE)
		return wrong(c, "It is too large.");
	for (uint32_t i = 0; i < c->view.n; i++)
	{
		if (i % 4096 == 0)
			core_interrupt();
		if (!check_identifier(c, i) || !check_number(c, i))
			return false;
	}
	if (c->customers != c->view.customers)
		return wrong(c, "There are fewer customers than counted.");
	if (c->next != c->limit)
		return wrong(c, "Bytes are left at the end.");
	if (!check_padding(c))
		return wrong(c, "Bits of padding are set.");
	if (!c->wide && c->view.encoding != 0)
		return wrong(c, "All identifiers are ASCII, but an encoding is given.");
	if (c->wide && c->view.encoding != encoding)
	{
		core_set_error(c->error, CORE_BAD_BINARY,
					   "identity_map has identifiers in another encoding than the database");
		core_set_detail(c->error, "They are in encoding number %u, the database is in number %u.",
						c->view.encoding, encoding);
		return false;
	}
	return true;
}

bool
identity_check(const void *value, size_t size, uint8_t encoding, CoreError *error)
{
	Check		c = {.error = error};
	const char *problem;
	bool		result;

	problem = identity_open_header(&c.view, value, size);
	if (problem != NULL)
	{
		wrong(&c, "");
		core_set_detail(error, "The header is wrong: %s.", problem);
		return false;
	}
	c.view.base = value;
	c.next = c.view.base + c.view.blocks_at;
	c.limit = c.view.base + size;
	c.room = 64;
	c.last = core_alloc(c.room);
	result = check_all(&c, encoding);
	core_free(c.last);
	return result;
}
