#include "check/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * libcurl brings some thirty libraries, most of which are initialised and never used
 * again: a quarter of our resident size. Only segments that are never written, so what
 * the loader or we changed is not touched, and every page is still in its file.
 */
static int
give_back(struct dl_phdr_info *object, size_t size, void *context)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)context;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
		uintptr_t end = begin + segment->p_memsz;

		begin = (begin + page - 1) & ~(page - 1);
		end &= ~(page - 1);
		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) &&
		    end > begin)
			madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void
memory_give_back(void)
{
	malloc_trim(0);
	dl_iterate_phdr(give_back, NULL);
}
