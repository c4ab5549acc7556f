/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/certificate.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "evenhand/base/clock.h"
#include "evenhand/base/limits.h"

/* OpenSSL's error queue is per thread and would leak into the next failure. */
static evh_status openssl_failure(const char *what)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);
    evh_status status =
        evh_fail(EVH_ERR_INTERNAL, "%s: %s", what, reason != NULL ? reason : "OpenSSL failed");
    ERR_clear_error();
    return status;
}

#define SSL_REQUIRE(condition, what)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            status = openssl_failure(what);                                                        \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

/* ---- PEM in and out ---- */

static evh_status append_bio(evh_buffer *out, BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    return evh_buffer_append(out, evh_view_of(data, len > 0 ? (size_t)len : 0));
}

/* No prompt: an encrypted key is refused instead of asking the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static BIO *bio_of(evh_view pem)
{
    return pem.len == 0 || pem.len > EVH_KEY_FILE_BYTES_MAX
               ? NULL
               : BIO_new_mem_buf(pem.data, (int)pem.len);
}

static X509 *read_certificate(evh_view pem)
{
    BIO *bio = bio_of(pem);
    X509 *cert = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return cert;
}

static EVP_PKEY *read_key(evh_view pem)
{
    BIO *bio = bio_of(pem);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static X509_REQ *read_request(evh_view pem)
{
    BIO *bio = bio_of(pem);
    X509_REQ *request = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return request;
}

static evh_status write_certificate(evh_buffer *out, X509 *cert)
{
    evh_status status = evh_ok();
    BIO *bio = BIO_new(BIO_s_mem());
    SSL_REQUIRE(bio != NULL && PEM_write_bio_X509(bio, cert) == 1, "writing a certificate");
    EVH_TRY(append_bio(out, bio));
done:
    BIO_free(bio);
    return status;
}

static evh_status write_key(evh_buffer *out, EVP_PKEY *key)
{
    evh_status status = evh_ok();
    BIO *bio = BIO_new(BIO_s_secmem());
    SSL_REQUIRE(bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
                "writing a private key");
    EVH_TRY(append_bio(out, bio));
done:
    BIO_free(bio);
    return status;
}

/* ---- building certificates ---- */

static evh_status check_options(const evh_certificate_options *options)
{
    size_t name = strlen(options->common_name);
    if (name == 0 || name > EVH_CERTIFICATE_NAME_MAX)
        return evh_fail(EVH_ERR_ARG, "a certificate's name has 1 to 64 bytes, not %zu", name);
    if (options->uri != NULL && strlen(options->uri) >= EVH_CERTIFICATE_URI_LEN)
        return evh_fail(EVH_ERR_ARG, "a certificate's URI is too long");
    return evh_ok();
}

static evh_status add_alternative(GENERAL_NAMES *names, int type, const char *text)
{
    evh_status status = evh_ok();
    GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, text, 0);
    SSL_REQUIRE(name != NULL, "an alternative name of a certificate");
    SSL_REQUIRE(sk_GENERAL_NAME_push(names, name) > 0, "an alternative name of a certificate");
    name = NULL;
done:
    GENERAL_NAME_free(name);
    return status;
}

static bool is_address(const char *host)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != NULL;
}

static evh_status set_alternatives(X509 *cert, const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    SSL_REQUIRE(names != NULL, "the alternative names of a certificate");
    if (options->uri != NULL)
        EVH_TRY(add_alternative(names, GEN_URI, options->uri));
    for (size_t i = 0; i < options->host_count; i++)
        EVH_TRY(add_alternative(names, is_address(options->hosts[i]) ? GEN_IPADD : GEN_DNS,
                                options->hosts[i]));
    if (sk_GENERAL_NAME_num(names) > 0)
        SSL_REQUIRE(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) ==
                        1,
                    "the alternative names of a certificate");
done:
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    return status;
}

static evh_status add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    evh_status status = evh_ok();
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    SSL_REQUIRE(extension != NULL && X509_add_ext(cert, extension, -1) == 1,
                "an extension of a certificate");
done:
    X509_EXTENSION_free(extension);
    return status;
}

static evh_status set_name(X509_NAME *name, const char *common_name)
{
    /* OpenSSL's parameter is unsigned char, and it copies. */
    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
                                   -1, -1, 0) != 1)
        return openssl_failure("the name of a certificate");
    return evh_ok();
}

/* Version 3, a random 127-bit serial number, the times and the public key. */
static evh_status begin_certificate(X509 *cert, EVP_PKEY *key,
                                    const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    BIGNUM *serial = BN_new();
    SSL_REQUIRE(serial != NULL && BN_rand(serial, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert)) != NULL,
                "the serial number of a certificate");
    SSL_REQUIRE(X509_set_version(cert, X509_VERSION_3) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)options->not_before_s) &&
                    ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)options->not_after_s) &&
                    X509_set_pubkey(cert, key) == 1,
                "making a certificate");
    EVH_TRY(set_name(X509_get_subject_name(cert), options->common_name));
done:
    BN_free(serial);
    return status;
}

evh_status evh_certificate_make_authority(evh_buffer *cert_pem, evh_buffer *key_pem,
                                          const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    X509 *cert = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    SSL_REQUIRE(cert != NULL && key != NULL, "making a certificate authority");
    EVH_TRY(check_options(options));
    EVH_TRY(begin_certificate(cert, key, options));
    SSL_REQUIRE(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1, "naming the issuer");
    EVH_TRY(add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
    EVH_TRY(add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign"));
    EVH_TRY(add_extension(cert, cert, NID_subject_key_identifier, "hash"));
    SSL_REQUIRE(X509_sign(cert, key, EVP_sha256()) > 0, "signing a certificate");
    EVH_TRY(write_certificate(cert_pem, cert));
    EVH_TRY(write_key(key_pem, key));
done:
    EVP_PKEY_free(key);
    X509_free(cert);
    return status;
}

evh_status evh_certificate_make_self_signed(evh_buffer *cert_pem, evh_buffer *key_pem,
                                            const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    X509 *cert = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    SSL_REQUIRE(cert != NULL && key != NULL, "making a certificate");
    EVH_TRY(check_options(options));
    EVH_TRY(begin_certificate(cert, key, options));
    SSL_REQUIRE(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1, "naming the issuer");
    EVH_TRY(add_extension(cert, cert, NID_basic_constraints, "critical,CA:FALSE"));
    EVH_TRY(add_extension(cert, cert, NID_key_usage, "critical,digitalSignature"));
    EVH_TRY(add_extension(cert, cert, NID_ext_key_usage, "clientAuth"));
    EVH_TRY(add_extension(cert, cert, NID_subject_key_identifier, "hash"));
    EVH_TRY(set_alternatives(cert, options));
    SSL_REQUIRE(X509_sign(cert, key, EVP_sha256()) > 0, "signing a certificate");
    EVH_TRY(write_certificate(cert_pem, cert));
    EVH_TRY(write_key(key_pem, key));
done:
    EVP_PKEY_free(key);
    X509_free(cert);
    return status;
}

evh_status evh_certificate_make_key(evh_buffer *key_pem)
{
    evh_status status = evh_ok();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    SSL_REQUIRE(key != NULL, "making a key");
    EVH_TRY(write_key(key_pem, key));
done:
    EVP_PKEY_free(key);
    return status;
}

evh_status evh_certificate_make_request(evh_buffer *request_pem, evh_view key_pem,
                                        const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    BIO *bio = BIO_new(BIO_s_mem());
    X509_REQ *request = X509_REQ_new();
    EVP_PKEY *key = read_key(key_pem);
    EVH_TRY(check_options(options));
    EVH_REQUIRE(key != NULL, EVH_ERR_KEY, "the private key cannot be read: PEM, unencrypted?");
    SSL_REQUIRE(bio != NULL && request != NULL && X509_REQ_set_pubkey(request, key) == 1,
                "making a signing request");
    EVH_TRY(set_name(X509_REQ_get_subject_name(request), options->common_name));
    SSL_REQUIRE(X509_REQ_sign(request, key, EVP_sha256()) > 0 &&
                    PEM_write_bio_X509_REQ(bio, request) == 1,
                "signing a signing request");
    EVH_TRY(append_bio(request_pem, bio));
done:
    EVP_PKEY_free(key);
    X509_REQ_free(request);
    BIO_free(bio);
    return status;
}

evh_status evh_certificate_issue(evh_buffer *cert_pem, evh_view request_pem,
                                 evh_view authority_cert_pem, evh_view authority_key_pem,
                                 const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    X509 *cert = X509_new();
    X509 *issuer = read_certificate(authority_cert_pem);
    EVP_PKEY *issuer_key = read_key(authority_key_pem);
    X509_REQ *request = read_request(request_pem);
    EVP_PKEY *key = request == NULL ? NULL : X509_REQ_get0_pubkey(request);
    SSL_REQUIRE(cert != NULL, "making a certificate");
    EVH_TRY(check_options(options));
    EVH_REQUIRE(issuer != NULL && issuer_key != NULL, EVH_ERR_ENCODING,
                "the authority's certificate or key cannot be read");
    EVH_REQUIRE(X509_check_private_key(issuer, issuer_key) == 1, EVH_ERR_KEY,
                "the authority's key does not belong to its certificate");
    EVH_REQUIRE(request != NULL && key != NULL, EVH_ERR_ENCODING,
                "the signing request cannot be read");
    EVH_REQUIRE(X509_REQ_verify(request, key) == 1, EVH_ERR_KEY,
                "the signing request is not signed with its own key");
    EVH_TRY(begin_certificate(cert, key, options));
    SSL_REQUIRE(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1,
                "naming the issuer");
    EVH_TRY(add_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE"));
    EVH_TRY(add_extension(cert, issuer, NID_key_usage, "critical,digitalSignature"));
    EVH_TRY(add_extension(cert, issuer, NID_ext_key_usage, "serverAuth,clientAuth"));
    EVH_TRY(add_extension(cert, issuer, NID_authority_key_identifier, "keyid"));
    EVH_TRY(set_alternatives(cert, options));
    SSL_REQUIRE(X509_sign(cert, issuer_key, EVP_sha256()) > 0, "signing a certificate");
    EVH_TRY(write_certificate(cert_pem, cert));
done:
    ERR_clear_error();
    X509_REQ_free(request);
    EVP_PKEY_free(issuer_key);
    X509_free(issuer);
    X509_free(cert);
    return status;
}

/* ---- checking ---- */

static void only_uri(char out[EVH_CERTIFICATE_URI_LEN], X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    int found = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type = 0;
        ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        if (type != GEN_URI)
            continue;
        size_t len = (size_t)ASN1_STRING_length(value);
        found++;
        if (len < EVH_CERTIFICATE_URI_LEN)
            memcpy(out, ASN1_STRING_get0_data(value), len);
    }
    if (found != 1)
        memset(out, 0, EVH_CERTIFICATE_URI_LEN);
    GENERAL_NAMES_free(names);
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return 0;
    evh_civil civil = {.year = tm.tm_year + 1900,
                       .month = tm.tm_mon + 1,
                       .day = tm.tm_mday,
                       .hour = tm.tm_hour,
                       .minute = tm.tm_min,
                       .second = tm.tm_sec};
    return evh_civil_to_unix(civil);
}

static evh_status read_facts(evh_certificate_facts *facts, X509 *cert)
{
    only_uri(facts->uri, cert);
    facts->not_before_s = seconds_of(X509_get0_notBefore(cert));
    facts->not_after_s = seconds_of(X509_get0_notAfter(cert));
    facts->authority = X509_check_ca(cert) != 0;
    facts->self_signed = X509_self_signed(cert, 1) == 1;
    ERR_clear_error();
    unsigned len = sizeof facts->fingerprint;
    if (X509_digest(cert, EVP_sha256(), facts->fingerprint, &len) != 1)
        return openssl_failure("hashing a certificate");
    return evh_ok();
}

evh_status evh_certificate_read(evh_certificate_facts *facts, evh_view cert_pem)
{
    memset(facts, 0, sizeof *facts);
    evh_status status = evh_ok();
    X509 *cert = read_certificate(cert_pem);
    EVH_REQUIRE(cert != NULL, EVH_ERR_INPUT, "the certificate cannot be read: is it PEM?");
    EVH_TRY(read_facts(facts, cert));
done:
    X509_free(cert);
    return status;
}

static bool is_for_host(X509 *cert, const char *host)
{
    return is_address(host) ? X509_check_ip_asc(cert, host, 0) == 1
                            : X509_check_host(cert, host, 0, 0, NULL) == 1;
}

evh_status evh_certificate_check_issued(evh_view ca_pem, evh_view cert_pem, const char *host)
{
    evh_status status = evh_ok();
    X509 *ca = read_certificate(ca_pem);
    X509 *cert = read_certificate(cert_pem);
    EVP_PKEY *key = ca == NULL ? NULL : X509_get0_pubkey(ca);
    EVH_REQUIRE(cert != NULL, EVH_ERR_INPUT, "the certificate cannot be read: is it PEM?");
    EVH_REQUIRE(key != NULL, EVH_ERR_INPUT,
                "the authority's certificate cannot be read: is it PEM?");
    EVH_REQUIRE(X509_check_ca(ca) != 0 && X509_check_issued(ca, cert) == X509_V_OK &&
                    X509_verify(cert, key) == 1,
                EVH_ERR_INPUT, "the certificate was not issued by this authority");
    EVH_REQUIRE(host == NULL || is_for_host(cert, host), EVH_ERR_INPUT,
                "the certificate is not for host %.60s", host);
done:
    ERR_clear_error();
    X509_free(cert);
    X509_free(ca);
    return status;
}

evh_status evh_certificate_check(evh_certificate_facts *facts, evh_view ca_pem, evh_view cert_pem,
                                 evh_view key_pem, int64_t now_s)
{
    memset(facts, 0, sizeof *facts);
    evh_status status = evh_ok();
    X509 *ca = read_certificate(ca_pem);
    X509 *cert = read_certificate(cert_pem);
    EVP_PKEY *key = read_key(key_pem);
    EVH_REQUIRE(cert != NULL, EVH_ERR_INPUT, "the certificate cannot be read: is it PEM?");
    EVH_TRY(read_facts(facts, cert));
    EVH_REQUIRE(ca != NULL, EVH_ERR_INPUT,
                "the authority's certificate cannot be read: is it PEM?");
    EVH_REQUIRE(key != NULL, EVH_ERR_INPUT,
                "the private key cannot be read: is it PEM without a passphrase?");
    EVH_REQUIRE(X509_check_private_key(cert, key) == 1, EVH_ERR_INPUT,
                "the private key does not belong to the certificate");
    char when[EVH_TIME_TEXT_LEN];
    evh_time_format(when, facts->not_before_s * 1000);
    EVH_REQUIRE(now_s >= facts->not_before_s, EVH_ERR_INPUT,
                "the certificate is valid from %s on: check this machine's clock", when);
    evh_time_format(when, facts->not_after_s * 1000);
    EVH_REQUIRE(now_s < facts->not_after_s, EVH_ERR_INPUT,
                "the certificate expired at %s: have a new one issued", when);
done:
    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(cert);
    X509_free(ca);
    return status;
}
