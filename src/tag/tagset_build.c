/*
 * tagset_build.c
 *	  A tagset from tags as they come: a state (tagset_build.h) and its handle.
 */
#include "tag/tagset_build.h"

struct TagsetBuild
{
	void	   *state;
};

TagsetBuild *
tagset_build_new(void)
{
	TagsetBuild *build = core_alloc(sizeof(TagsetBuild));

	build->state = tagset_state_new(8 * TAGSET_STATE_MIN);
	return build;
}

void
tagset_build_add(TagsetBuild *build, const char *name, size_t length, const TagItem *item)
{
	void	   *state = tagset_state_add(build->state, name, length, item);

	if (state != build->state)
		core_free(build->state);
	build->state = state;
}

void *
tagset_build_try(TagsetBuild *build, CoreError *error)
{
	const uint8_t *state = build->state;

	return tagset_state_finish(state + 4, (load32(state) >> 2) - 4, error);
}

void *
tagset_build_finish(TagsetBuild *build)
{
	CoreError	error;
	void	   *value = tagset_build_try(build, &error);

	if (value == NULL)
		core_throw_error(&error);
	return value;
}

void
tagset_build_free(TagsetBuild *build)
{
	core_free(build->state);
	core_free(build);
}
