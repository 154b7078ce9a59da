/*
 * identity_model.h
 *	  What the fuzz target of identity believes: rows in an array, customers by
 *	  relabelling, everything by the slowest way.
 *
 * A recipe is a list of rows.  A row is a byte n and the names of n % 8
 * identifiers, a byte each; when n is 0xF0 or more, it is a long row of
 * 40 * (n - 0xEF) identifiers that are named by one byte together.
 */
#ifndef IDENTITY_MODEL_H
#define IDENTITY_MODEL_H

#include "core_standalone.h"
#include "identity/identity_rows.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#define MODEL_ROWS 400
#define MODEL_ITEMS 4000

typedef struct Model
{
	uint8_t		kind;
	uint32_t	nrows;
	uint32_t	start[MODEL_ROWS + 1];
	uint32_t	row_ids[MODEL_ITEMS];	/* places in "ids" */
	uint32_t	nids;
	IdentityItem ids[MODEL_ITEMS];	/* in the order of appearance */
	uint32_t	label[MODEL_ITEMS];	/* the same in all of a customer */
	uint32_t	rank[MODEL_ITEMS];	/* in bytewise order, from 0 on */
	uint32_t	customer[MODEL_ITEMS];
	uint32_t	customers;
} Model;

/* An identifier of a name: many share their starts, some are long, one is empty */
static IdentityItem
model_item(uint8_t kind, uint32_t name)
{
	char	   *bytes = core_alloc(320);
	int			length;

	if (kind == IDENTITY_BIGINT)
	{
		static const int64_t factors[4] = {1, 251, INT64_C(1) << 30, INT64_C(0x00FEDCBA98765432)};

		identity_store_number((uint8_t *) bytes, (int64_t)
							  (((uint64_t) name - 100) * (uint64_t) factors[name % 4]));
		return (IdentityItem){(uint8_t *) bytes, IDENTITY_NUMBER_SIZE};
	}
	switch (name % 4)
	{
		case 0:
			length = sprintf(bytes, "c:%u", name);
			break;
		case 1:
			length = sprintf(bytes, "phone:+86138000%05u", name);
			break;
		case 2:
			/* around 255 bytes, where lengths are written in another way */
			memset(bytes, 'z', 300);
			length = 250 + (int) (name / 4 % 10);
			length += sprintf(bytes + length, "%u", name / 40);
			break;
		default:
			length = name == 3 ? 0 : sprintf(bytes, "\xe5\xae\xa2%u\"\\", name);
			break;
	}
	return (IdentityItem){(uint8_t *) bytes, (size_t) length};
}

static int
model_compare(IdentityItem a, IdentityItem b)
{
	return identity_compare(a.bytes, a.length, b.bytes, b.length);
}

static uint32_t
model_id(Model *m, uint32_t name)
{
	IdentityItem item = model_item(m->kind, name);

	for (uint32_t i = 0; i < m->nids; i++)
	{
		if (model_compare(m->ids[i], item) == 0)
			return i;
	}
	m->ids[m->nids] = item;
	m->label[m->nids] = m->nids;
	return m->nids++;
}

static void
model_union(Model *m, uint32_t a, uint32_t b)
{
	uint32_t	from = m->label[a];
	uint32_t	to = m->label[b];

	for (uint32_t i = 0; i < m->nids && from != to; i++)
	{
		if (m->label[i] == from)
			m->label[i] = to;
	}
}

static void
model_number(Model *m)
{
	uint32_t	order[MODEL_ITEMS];

	for (uint32_t i = 0; i < m->nids; i++)
	{
		m->rank[i] = 0;
		for (uint32_t j = 0; j < m->nids; j++)
			m->rank[i] += model_compare(m->ids[j], m->ids[i]) < 0;
		order[m->rank[i]] = i;
	}
	m->customers = 0;
	for (uint32_t r = 0; r < m->nids; r++)
	{
		uint32_t	i = order[r];
		bool		found = false;

		for (uint32_t s = 0; s < r && !found; s++)
		{
			if (m->label[order[s]] == m->label[i])
			{
				m->customer[i] = m->customer[order[s]];
				found = true;
			}
		}
		if (!found)
			m->customer[i] = m->customers++;
	}
}

/* Rows of a recipe; returns where it ends.  Names are below "names". */
static const uint8_t *
model_cook(Model *m, uint8_t kind, uint32_t names, const uint8_t *data, const uint8_t *end)
{
	uint32_t	n = 0;

	memset(m, 0, sizeof(*m));
	m->kind = kind;
	while (data < end && *data != 0xEF && m->nrows < MODEL_ROWS)
	{
		uint32_t	control = *data++;
		uint32_t	length = control >= 0xF0 && names > 256 ? 40 * (control - 0xEF) : control % 8;
		bool		together = length > 8;

		if (n + length > MODEL_ITEMS || m->nids > 1200)
			break;
		m->start[m->nrows++] = n;
		for (uint32_t i = 0; i < length && data < end; i++)
		{
			uint32_t	name = *data % names + (together ? i * 3 : 0);

			m->row_ids[n++] = model_id(m, name);
			if (m->start[m->nrows - 1] < n - 1)
				model_union(m, m->row_ids[n - 2], m->row_ids[n - 1]);
			data += !together || i + 1 == length;
		}
	}
	m->start[m->nrows] = n;
	model_number(m);
	return data < end ? data + 1 : end;
}

static size_t
model_row(const Model *m, uint32_t row, IdentityItem *items)
{
	size_t		n = 0;

	for (uint32_t i = m->start[row]; i < m->start[row + 1]; i++)
		items[n++] = m->ids[m->row_ids[i]];
	return n;
}

#endif							/* IDENTITY_MODEL_H */
