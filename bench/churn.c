/* Connections a second of the plainest C: one thread connects and closes, another accepts and closes.
 *
 *     churn SECONDS [RATE [PORT]]      prints "CONNECTIONS SECONDS"
 *
 * Over loopback, port 9099 or another; neither waits for the other. RATE is connections a second; without it, or with
 * 0, as many as can be.
 * What the lab's load is measured against, and what a live trace watches.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void *serve(void *listener)
{
	for (;;) {
		int connection = accept(*(int *)listener, NULL, NULL);
		if (connection < 0)
			fail("accept");
		close(connection);
	}
	return NULL;
}

static void sleep_until(double moment)
{
	struct timespec time = {.tv_sec = moment, .tv_nsec = (moment - (long)moment) * 1e9};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

int main(int count, char **arguments)
{
	double seconds = count > 1 ? atof(arguments[1]) : 1;
	double rate = count > 2 ? atof(arguments[2]) : 0;
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	long connections = 0;
	pthread_t server;

	address.sin_port = htons(count > 3 ? atoi(arguments[3]) : 9099);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024))
		fail("listen");
	if (pthread_create(&server, NULL, serve, &listener))
		fail("pthread_create");

	double start = now(), end = start + seconds;
	while (now() < end) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(client, (struct sockaddr *)&address, sizeof address))
			fail("connect");
		close(client);
		connections++;
		if (rate)
			sleep_until(start + connections / rate);
	}
	printf("%ld %.3f\n", connections, now() - start);
	return 0;
}
