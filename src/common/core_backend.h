/*
 * core_backend.h
 *	  From errors told by value (core.h) to errors of the server.
 */
#ifndef PORTRAIT_CORE_BACKEND_H
#define PORTRAIT_CORE_BACKEND_H

#include "common/compat.h"

#include "nodes/nodes.h"

#include "common/core.h"

/*
 * Raise the error, or save it in an ErrorSaveContext (16 and later), in which
 * case this returns.
 */
extern void core_report(const CoreError *error, Node *escontext);

#endif							/* PORTRAIT_CORE_BACKEND_H */
