/*
 * A process that stays for months keeps what only its start needed. This gives the
 * pages of program and libraries back; those still in use come again by themselves.
 */
#ifndef CMONHA_CHECK_MEMORY_H
#define CMONHA_CHECK_MEMORY_H

/* Call once everything was used for the first time. Any thread may. */
void memory_give_back(void);

#endif
