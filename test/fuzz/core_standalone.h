/*
 * core_standalone.h
 *	  How a program without a server runs the plain-C core.
 */
#ifndef PORTRAIT_CORE_STANDALONE_H
#define PORTRAIT_CORE_STANDALONE_H

#include "common/core.h"

/*
 * Run body(argument).  When it throws, give back false and the error, after
 * freeing what it had allocated and not yet freed.  Calls nest.
 */
extern bool core_try(void (*body) (void *), void *argument, CoreError *error);

/* Free all that core_alloc() gave out and core_free() did not take back */
extern void core_release_all(void);

#endif							/* PORTRAIT_CORE_STANDALONE_H */
