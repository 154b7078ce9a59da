/*
 * identity_array.h
 *	  Identifiers of a text[] without deconstructing it.
 */
#ifndef PORTRAIT_IDENTITY_ARRAY_H
#define PORTRAIT_IDENTITY_ARRAY_H

#include "common/compat.h"

#include "access/tupmacs.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "identity/identity.h"

/* Identifiers of a row that need no allocation */
#define IDENTITY_ROW_ITEMS 16

static inline IdentityItem
identity_text_item(text *value)
{
	return (IdentityItem){
		(const uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)
	};
}

/*
 * The elements of an array of any number of dimensions, NULLs skipped.  They are
 * put into "room" if they fit there, else into an allocation.
 */
static inline size_t
identity_array_items(ArrayType *array, IdentityItem room[IDENTITY_ROW_ITEMS],
					 IdentityItem **items)
{
	const bits8 *nulls = ARR_NULLBITMAP(array);
	char	   *data = ARR_DATA_PTR(array);
	int			elements = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	size_t		n = 0;

	*items = room;
	if (elements > IDENTITY_ROW_ITEMS)
		*items = MemoryContextAllocHuge(CurrentMemoryContext,
										(Size) elements * sizeof(IdentityItem));
	for (int i = 0; i < elements; i++)
	{
		if (nulls != NULL && (nulls[i / 8] & (1 << (i % 8))) == 0)
			continue;
		(*items)[n++] = identity_text_item((text *) data);
		data = att_addlength_pointer(data, -1, data);
		data = (char *) att_align_nominal(data, TYPALIGN_INT);
	}
	return n;
}

#endif							/* PORTRAIT_IDENTITY_ARRAY_H */
