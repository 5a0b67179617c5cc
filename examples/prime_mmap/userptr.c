/* SPDX-License-Identifier: MIT
 *
 * Where the deadlock was, and how it was cured: a process's notifier needs a work queue, and is
 * made with the process's memory and the driver's list locked. Making a work queue needs the CPUs
 * to stay as they are, so the queue has to be there before either lock is taken.
 */
#include "machine.h"

#include <errno.h>
#include <stdlib.h>

struct notifier {
	struct workqueue *queue;
};

static struct workqueue *userptr_queue(void)
{
	return alloc_workqueue("userptr-release");
}

/* Both locks are held. *queue is taken when it is used. */
static int userptr_install(struct mm *mm, struct workqueue **queue)
{
	struct notifier *notifier;

	if (mm->notifier)
		return 0;
	if (!*queue)
		*queue = userptr_queue();
	notifier = *queue ? malloc(sizeof(*notifier)) : NULL;
	if (!notifier)
		return -ENOMEM;
	notifier->queue = *queue;
	*queue = NULL;
	mm->notifier = notifier;
	return 0;
}

static int userptr_init_mmu_notifier(struct userptr_device *dev, struct mm *mm)
{
	struct workqueue *queue = dev->order == USERPTR_AFTER ? userptr_queue() : NULL;
	int err;

	down_write(&mm->mmap_sem);
	mutex_lock(&dev->mm_lock);
	err = userptr_install(mm, &queue);
	mutex_unlock(&dev->mm_lock);
	up_write(&mm->mmap_sem);
	destroy_workqueue(queue);
	return err;
}

void userptr_device_init(struct userptr_device *dev, enum userptr_order order)
{
	mutex_init(&dev->mm_lock, "&dev_priv->mm_lock");
	dev->order = order;
}

int userptr_ioctl(struct userptr_device *dev, struct mm *mm)
{
	return userptr_init_mmu_notifier(dev, mm);
}

void userptr_release(struct mm *mm)
{
	if (!mm->notifier)
		return;
	destroy_workqueue(mm->notifier->queue);
	free(mm->notifier);
	mm->notifier = NULL;
}
