/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <lockdag/lockdag.h>

struct request {
	struct request *next;
	struct completion done;
	const char *name;
	int err;
};

static struct {
	struct mutex lock;
	struct request *requests;
	atomic_uint wakes;
	bool stopping;
	struct inode *root;
	pthread_t thread;
} devtmpfs;

int devtmpfs_create_node(const char *name)
{
	struct request req = {.name = name};

	init_completion(&req.done, "(complete)&req.done");
	mutex_lock(&devtmpfs.lock);
	req.next = devtmpfs.requests;
	devtmpfs.requests = &req;
	mutex_unlock(&devtmpfs.lock);
	wake(&devtmpfs.wakes);
	wait_for_completion(&req.done);
	return req.err;
}

static int handle_create(const char *name)
{
	int err;

	down_write(&devtmpfs.root->i_rwsem);
	err = inode_add(devtmpfs.root, name);
	up_write(&devtmpfs.root->i_rwsem);
	return err;
}

static struct request *devtmpfs_take(bool *ret_stopping)
{
	struct request *req;

	mutex_lock(&devtmpfs.lock);
	req = devtmpfs.requests;
	if (req)
		devtmpfs.requests = req->next;
	*ret_stopping = devtmpfs.stopping;
	mutex_unlock(&devtmpfs.lock);
	return req;
}

static void *devtmpfsd(void *unused)
{
	struct request *req;
	unsigned seen = 0;
	bool stopping;

	pthread_setname_np(pthread_self(), "kdevtmpfs");
	for (;;) {
		/* What was done for an earlier request says nothing about the next one. */
		lockdag_iteration();
		req = devtmpfs_take(&stopping);
		if (req) {
			req->err = handle_create(req->name);
			complete(&req->done);
		} else if (stopping) {
			return unused;
		} else {
			doze(&devtmpfs.wakes, seen++);
		}
	}
}

void devtmpfs_init(struct inode *root)
{
	devtmpfs.root = root;
	mutex_init(&devtmpfs.lock, "req_lock");
	devtmpfs.thread = thread_run(devtmpfsd, NULL);
}

void devtmpfs_exit(void)
{
	mutex_lock(&devtmpfs.lock);
	devtmpfs.stopping = true;
	mutex_unlock(&devtmpfs.lock);
	wake(&devtmpfs.wakes);
	pthread_join(devtmpfs.thread, NULL);
}
