/* What the COBOL programs need of the system: files of bytes without record prefixes, and EBCDIC of glibc's making. */
#include <iconv.h>
#include <stdio.h>

static FILE *file;
static long at;

int BYTEOPEN(const char *mode)
{
    file = fopen("records.bin", mode[0] == 'W' ? "wb" : "rb");
    at = 0;
    return file == NULL;
}

int BYTEPUT(const char *record, int length)
{
    return fwrite(record, 1, length, file) != (size_t)length;
}

/* Up to so many bytes, without moving on; how many there were. */
int BYTEPEEK(char *record, int length)
{
    fseek(file, at, SEEK_SET);
    return (int)fread(record, 1, length, file);
}

int BYTESKIP(int length)
{
    at += length;
    return 0;
}

int BYTECLOSE(void)
{
    return fclose(file);
}

static int convert(const char *to, const char *from, char *item, int length)
{
    char out[256];
    char *in = item, *end = out;
    size_t left = length, room = sizeof out;
    iconv_t page = iconv_open(to, from);
    if (page == (iconv_t)-1 || iconv(page, &in, &left, &end, &room) == (size_t)-1)
        return 1;
    iconv_close(page);
    for (int i = 0; i < length; i++)
        item[i] = out[i];
    return 0;
}

/* An item to code page 037 and back, in its place. */
int TOEBCDIC(char *item, int length)
{
    return convert("IBM037", "ISO-8859-1", item, length);
}

int TOASCII(char *item, int length)
{
    return convert("ISO-8859-1", "IBM037", item, length);
}
