#include "ui/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

/*
 * ECMA-48 and xterm's control sequences ("ctlseqs"), which every terminal emulator of
 * today has: the alternate screen, no cursor, no wrapping of long lines.
 */
#define ENTER         "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE         "\033[?7h\033[?25h\033[?1049l"
#define KEY_INTERRUPT 3  /* Ctrl-C */
#define KEY_SUSPEND   26 /* Ctrl-Z */

/* One terminal: the functions for atexit(3) have no argument. */
static struct {
	bool open;
	bool registered;
	int signals;
	sigset_t mask; /* from before */
	struct termios settings;
} screen;

const char *
screen_unusable(void)
{
	const char *kind = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "needs a terminal";
	if (!kind || !*kind || strcmp(kind, "dumb") == 0)
		return "needs a terminal that can be redrawn (see TERM)";
	return NULL;
}

static bool
write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

/* Without ISIG, so that Ctrl-C and Ctrl-Z are keys. */
static void
enter(void)
{
	struct termios settings = screen.settings;

	settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	settings.c_cc[VMIN] = 1;
	settings.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings);
	write_all(ENTER, strlen(ENTER));
}

static void
leave(void)
{
	write_all(LEAVE, strlen(LEAVE));
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen.settings);
}

void
screen_open(void)
{
	static const int handled[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaddset(&signals, handled[i]);
	if (sigprocmask(SIG_BLOCK, &signals, &screen.mask) < 0 ||
	    (screen.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)) < 0 ||
	    tcgetattr(STDIN_FILENO, &screen.settings) < 0)
		log_fatal(EX_OSERR, "cannot use the terminal: %s", strerror(errno));
	if (!screen.registered && atexit(screen_close) != 0)
		log_fatal(EX_OSERR, "out of memory");
	screen.registered = screen.open = true;
	enter();
}

void
screen_close(void)
{
	if (!screen.open)
		return;
	screen.open = false;
	leave();
	close(screen.signals);
	sigprocmask(SIG_SETMASK, &screen.mask, NULL);
}

void
screen_size(int *columns, int *rows)
{
	struct winsize size = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*columns = size.ws_col > 0 ? size.ws_col : 80;
	*rows = size.ws_row > 0 ? size.ws_row : 24;
}

bool
screen_has_colours(void)
{
	const char *none = getenv("NO_COLOR");

	return !none || !*none;
}

bool
screen_draw(const struct text *frame)
{
	return write_all(text_string(frame), frame->length);
}

/* Until SIGCONT; the shell has the terminal meanwhile. */
static void
suspend(void)
{
	leave();
	raise(SIGSTOP);
	/* The shell, or another program, may have changed them. */
	tcgetattr(STDIN_FILENO, &screen.settings);
	enter();
}

static enum screen_event
handle_signal(void)
{
	struct signalfd_siginfo info;
	int number;

	if (read(screen.signals, &info, sizeof(info)) != sizeof(info))
		return SCREEN_TIMEOUT;
	number = (int)info.ssi_signo;
	if (number == SIGTSTP)
		suspend();
	if (number == SIGTSTP || number == SIGWINCH)
		return SCREEN_RESIZED;
	/* The parent is to see by which signal it ended. */
	screen_close();
	signal(number, SIG_DFL);
	raise(number);
	return SCREEN_END;
}

static enum screen_event
handle_key(void)
{
	char key;
	ssize_t length = read(STDIN_FILENO, &key, 1);

	if (length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN))
		return SCREEN_END;
	if (length < 0)
		return SCREEN_TIMEOUT;
	if (key == 'q' || key == 'Q' || key == KEY_INTERRUPT)
		return SCREEN_END;
	if (key != KEY_SUSPEND)
		return SCREEN_TIMEOUT;
	suspend();
	return SCREEN_RESIZED;
}

enum screen_event
screen_wait(int descriptor, clock_ms_t deadline)
{
	struct pollfd wait[] = {{.fd = screen.signals, .events = POLLIN},
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = descriptor, .events = POLLIN}};

	if (poll(wait, 3, clock_left(deadline)) <= 0)
		return SCREEN_TIMEOUT;
	if (wait[0].revents)
		return handle_signal();
	if (wait[1].revents)
		return handle_key();
	return SCREEN_READY;
}
