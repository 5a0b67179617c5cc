/* SPDX-License-Identifier: MIT */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	unsigned traits;
} report_formats[] = {
#define FORMAT(upper, word, traits, meaning) {word, traits},
#include "report/formats.def"
#undef FORMAT
};

int lockdag_format_parse(const char *word, enum lockdag_format *ret_format)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(report_formats); i++) {
		if (strcmp(word, report_formats[i].word) == 0) {
			*ret_format = (enum lockdag_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *lockdag_format_word(enum lockdag_format format)
{
	return (unsigned)format < LOCKDAG_N_FORMATS ? report_formats[format].word : "?";
}

unsigned lockdag_format_traits(enum lockdag_format format)
{
	return (unsigned)format < LOCKDAG_N_FORMATS ? report_formats[format].traits : 0;
}

int lockdag_graph_form_parse(const char *word, enum lockdag_graph_form *ret_form)
{
	static const char *const words[] = {
#define FORM(upper, word, meaning) word,
#include "report/graph_forms.def"
#undef FORM
	};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret_form = (enum lockdag_graph_form)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* The only place where this room writes. */
int report_write(FILE *out, struct lockdag_text *t)
{
	size_t n = t->n;
	char *s = lockdag_text_take(t);
	int err = 0;

	if (!s)
		return -ENOMEM;
	if (fwrite(s, 1, n, out) != n || fflush(out) != 0)
		err = -EIO;
	free(s);
	return err;
}

static int report_one(struct report *r, enum lockdag_format format, const struct lockdag_finding *f)
{
	switch (format) {
	case LOCKDAG_FORMAT_TEXT:
		return report_text_finding(r, f);
	case LOCKDAG_FORMAT_KERNEL:
		return report_kernel_finding(r, f);
	case LOCKDAG_FORMAT_JSON:
		return report_json_finding(r, f);
	default:
		return -ENOTSUP;
	}
}

static bool report_was_told(const struct report *r, const struct lockdag_finding *f)
{
	for (size_t i = 0; i < r->options->n_told; i++)
		if (r->options->told[i] == f->id)
			return true;
	return false;
}

static int report_lines(struct report *r, enum lockdag_format format,
	const struct lockdag_findings *f, const struct lockdag_report_facts *facts)
{
	int err = 0;

	report_summary(r, f, facts);
	for (size_t i = 0; i < f->n && !err; i++) {
		if (f->items[i].grade == LOCKDAG_UNLIKELY && !r->options->show_unlikely)
			continue;
		lockdag_text_add(r->out, "\n");
		err = report_was_told(r, &f->items[i]) ? report_text_told(r, &f->items[i])
						       : report_one(r, format, &f->items[i]);
	}
	report_cut_plan(r, f);
	report_notes(r, f, facts);
	return err;
}

static int report_all(struct report *r, enum lockdag_format format,
	const struct lockdag_findings *f, const struct lockdag_report_facts *facts)
{
	switch (format) {
	case LOCKDAG_FORMAT_TEXT:
	case LOCKDAG_FORMAT_KERNEL:
		return report_lines(r, format, f, facts);
	case LOCKDAG_FORMAT_JSON:
		return report_json(r, f, facts);
	case LOCKDAG_FORMAT_SARIF:
		return report_sarif(r, f, facts);
	case LOCKDAG_FORMAT_JUNIT:
		return report_junit(r, f, facts);
	case LOCKDAG_FORMAT_GITHUB:
		return report_github(r, f, facts);
	case LOCKDAG_FORMAT_DOT:
		return report_dot(r, f);
	case LOCKDAG_FORMAT_SVG:
		return report_svg(r, f);
	case LOCKDAG_FORMAT_HTML:
		return report_html(r, f, facts);
	case LOCKDAG_N_FORMATS:
		break;
	}
	return -EINVAL;
}

int lockdag_report_print(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_findings *f, const struct lockdag_report_facts *facts,
	const struct lockdag_report_options *options)
{
	static const struct lockdag_report_options none;
	struct lockdag_text t = {0};
	struct report r = {.out = &t, .m = m, .options = options ? options : &none};
	int err = report_all(&r, format, f, facts);

	if (!err)
		return report_write(out, &t);
	lockdag_text_clear(&t);
	return err;
}

int lockdag_report_finding(FILE *out, enum lockdag_format format, const struct lockdag_model *m,
	const struct lockdag_finding *finding, const struct lockdag_report_options *options)
{
	static const struct lockdag_report_options none;
	struct lockdag_text t = {0};
	struct report r = {.out = &t, .m = m, .options = options ? options : &none};
	int err = report_one(&r, format, finding);

	if (!err)
		return report_write(out, &t);
	lockdag_text_clear(&t);
	return err;
}

static int report_graph(struct report *r, enum lockdag_graph_form form, const struct lockdag_class_graph *g)
{
	switch (form) {
	case LOCKDAG_GRAPH_DOT:
		return report_dot_graph(r, g);
	case LOCKDAG_GRAPH_SVG:
		return report_svg_graph(r, g);
	case LOCKDAG_GRAPH_ORDER:
		return report_order(r, g);
	case LOCKDAG_GRAPH_CLANG:
		return report_clang(r, g);
	case LOCKDAG_N_GRAPH_FORMS:
		break;
	}
	return -EINVAL;
}

int lockdag_report_graph(FILE *out, enum lockdag_graph_form form, const struct lockdag_model *m,
	const struct lockdag_class_graph *g, const struct lockdag_report_options *options)
{
	static const struct lockdag_report_options none;
	struct lockdag_text t = {0};
	struct report r = {.out = &t, .m = m, .options = options ? options : &none};
	int err = report_graph(&r, form, g);

	if (!err)
		return report_write(out, &t);
	lockdag_text_clear(&t);
	return err;
}
