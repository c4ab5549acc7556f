/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "evenhand/aggregator/http.h"
#include "support/test.h"
#include "tests.h"

static evh_status make_page(void *context, const char *path, evh_http_page *page)
{
    (void)context;
    if (strcmp(path, "/broken") == 0) {
        page->status = 200;
        evh_status status = evh_buffer_format(&page->body, "half a page");
        return status.code == EVH_OK ? evh_fail(EVH_ERR_STORE, "a text that stays here") : status;
    }
    if (strcmp(path, "/page") != 0)
        return evh_ok();
    page->status = 200;
    return evh_buffer_format(&page->body, "hello");
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &at.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Sends a request and reads the whole answer. */
static void ask(uint16_t port, const char *request, char answer[4096])
{
    size_t len = 0;
    ssize_t got = 0;
    int fd = connect_to(port);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    while (len < 4095 && (got = recv(fd, answer + len, 4095 - len, 0)) > 0)
        len += (size_t)got;
    answer[len] = 0;
    (void)close(fd);
}

static void test_http_pages(void **state)
{
    (void)state;
    evh_http *http = NULL;
    uint16_t port = 0;
    char answer[4096];
    evh_http_options options = {.host = "127.0.0.1", .page = make_page};
    assert_ok(evh_http_start(&http, &port, &options));
    assert_int_not_equal(port, 0);
    ask(port, "GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200"), answer);
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    ask(port, "HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200"), answer);
    assert_null(strstr(answer, "hello"));
    ask(port, "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 404"), answer);
    ask(port, "GET /broken HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 500"), answer);
    assert_null(strstr(answer, "half a page"));
    assert_null(strstr(answer, "stays here"));
    ask(port, "PUT /page HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 405"), answer);
    ask(port, "nonsense\r\n\r\n", answer);
    assert_null(strstr(answer, "HTTP/1.1 200"));
    evh_http_stop(&http);
    assert_null(http);
}

static void test_http_addresses(void **state)
{
    (void)state;
    evh_http *http = NULL;
    evh_http *second = NULL;
    uint16_t port = 0;
    uint16_t other = 1;
    evh_http_options options = {.host = "localhost", .page = make_page};
    assert_fails_with(evh_http_start(&http, &port, &options), EVH_ERR_INPUT, "no IP address");
    assert_null(http);
    options.host = "127.0.0.1";
    assert_ok(evh_http_start(&http, &port, &options));
    options.port = port;
    assert_fails_with(evh_http_start(&second, &other, &options), EVH_ERR_INPUT, "port free");
    assert_null(second);
    assert_int_equal(other, 0);
    evh_http_stop(&http);
}

int run_http_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_pages),
        cmocka_unit_test(test_http_addresses),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
