/* The least that a build can cost.
 *   floor stat FOLDER          looks at every file: how else would one know that nothing changed?
 *   floor build FOLDER OUT NEW reads every file of FOLDER and writes into NEW as many files of as many bytes as OUT holds
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum work { STAT, READ, WRITE };

static char buffer[1 << 16];
static long files, bytes;
static const char *target;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_all(int folder, const char *name) {
    int file = openat(folder, name, O_RDONLY);
    if (file < 0) fail(name);
    for (ssize_t got; (got = read(file, buffer, sizeof buffer)) > 0;) bytes += got;
    close(file);
}

static void write_as_many(off_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%ld", target, files);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) fail(path);
    while (size > 0) {
        ssize_t put = write(file, buffer, size < (off_t)sizeof buffer ? (size_t)size : sizeof buffer);
        if (put < 0) fail(path);
        size -= put;
    }
    close(file);
}

static void walk(int folder, enum work work) {
    DIR *entries = fdopendir(folder);
    if (!entries) fail("opendir");
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct stat about;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW)) fail(entry->d_name);
        if (S_ISDIR(about.st_mode)) {
            int below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY);
            if (below < 0) fail(entry->d_name);
            walk(below, work);
        } else if (S_ISREG(about.st_mode)) {
            files++;
            if (work == READ) read_all(folder, entry->d_name);
            if (work == WRITE) write_as_many(about.st_size);
        }
    }
    closedir(entries);
}

static void start(const char *path, enum work work) {
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    if (folder < 0) fail(path);
    walk(folder, work);
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "stat")) {
        start(words[2], STAT);
    } else if (count == 5 && !strcmp(words[1], "build")) {
        target = words[4];
        if (mkdir(target, 0755)) fail(target);
        start(words[2], READ);
        start(words[3], WRITE);
    } else {
        fputs("floor stat FOLDER | floor build FOLDER OUT NEW\n", stderr);
        return 2;
    }
    printf("%ld files, %ld bytes read\n", files, bytes);
    return 0;
}
