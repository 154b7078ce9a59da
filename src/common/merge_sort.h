/*
 * merge_sort.h
 *	  Sorting of anything, stable, in n log n, that can be interrupted.
 *
 * What libc's qsort() does not promise: it may take memory by malloc(), and
 * cannot be cancelled.
 */
#ifndef PORTRAIT_MERGE_SORT_H
#define PORTRAIT_MERGE_SORT_H

#include "common/core.h"

typedef int (*MergeCompare) (const void *a, const void *b);

/* Sort n elements of so many bytes each.  What is in order already takes n - 1 comparisons. */
extern void merge_sort(void *base, size_t n, size_t width, MergeCompare compare);

#endif							/* PORTRAIT_MERGE_SORT_H */
