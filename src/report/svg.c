/* SPDX-License-Identifier: MIT
 *
 * Pictures: the text of dot.c, laid out and drawn by Graphviz's library. Only the two plugins that
 * are needed are loaded, by name: no configuration is read, no font is looked for (Graphviz then
 * estimates widths from tables of its own), so the same finding is the same picture everywhere.
 */
#include "report/render.h"

#include <dlfcn.h>
#include <errno.h>
#include <graphviz/gvc.h>
#include <stdlib.h>
#include <string.h>

#define SVG_MAX_CLASSES                                                                            \
	1000 /* of a whole graph: beyond that a layout takes minutes and shows nothing */
#define SVG_MAX_EDGES 4000

static int svg_quiet(char *message)
{
	(void)message; /* libraries do not print */
	return 0;
}

static gvplugin_library_t *svg_plugin(const char *file, const char *symbol)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	return library ? dlsym(library, symbol) : NULL;
}

/* NULL: Graphviz is not whole. */
static GVC_t *svg_context(void)
{
	gvplugin_library_t *layout = svg_plugin(LOCKDAG_GRAPHVIZ_PLUGINS
		"/libgvplugin_dot_layout.so." LOCKDAG_GRAPHVIZ_ABI,
		"gvplugin_dot_layout_LTX_library");
	gvplugin_library_t *core =
		svg_plugin(LOCKDAG_GRAPHVIZ_PLUGINS "/libgvplugin_core.so." LOCKDAG_GRAPHVIZ_ABI,
			"gvplugin_core_LTX_library");
	GVC_t *gvc;

	if (!layout || !core)
		return NULL;
	gvc = gvContextPlugins(NULL, 0);
	if (!gvc)
		return NULL;
	gvAddLibrary(gvc, layout);
	gvAddLibrary(gvc, core);
	return gvc;
}

/* The element itself, without XML's heading. */
static int svg_take(struct lockdag_text *t, const char *picture)
{
	const char *start = strstr(picture, "<svg ");

	if (!start)
		return -EIO;
	lockdag_text_add(t, start);
	return 0;
}

int report_svg_draw(struct lockdag_text *t, const char *dot)
{
	GVC_t *gvc;
	Agraph_t *graph;
	char *picture = NULL;
	unsigned size = 0;
	int err = -EIO;

	agseterrf(svg_quiet);
	gvc = svg_context();
	if (!gvc)
		return -ENOSYS;
	graph = agmemread(dot);
	if (graph && gvLayout(gvc, graph, "dot") == 0) {
		if (gvRenderData(gvc, graph, "svg", &picture, &size) == 0 && picture)
			err = svg_take(t, picture);
		gvFreeRenderData(picture);
		gvFreeLayout(gvc, graph);
	}
	if (graph)
		agclose(graph);
	gvFreeContext(gvc);
	return err;
}

int report_svg_finding(struct lockdag_text *t, const struct report *r,
	const struct lockdag_finding *f, size_t number)
{
	struct lockdag_text dot = {0};
	struct report into = *r;
	char *text;
	int err;

	into.out = &dot;
	err = report_dot_finding(&into, f, number);
	text = lockdag_text_take(&dot);
	if (!err)
		err = text ? report_svg_draw(t, text) : -ENOMEM;
	free(text);
	return err;
}

/* Width and height in points, as Graphviz writes them: width="206pt" height="134pt". */
static void svg_size(const char *picture, double *ret_width, double *ret_height)
{
	const char *width = strstr(picture, "width=\""), *height = strstr(picture, "height=\"");

	*ret_width = width ? strtod(width + 7, NULL) : 0;
	*ret_height = height ? strtod(height + 8, NULL) : 0;
}

#define SVG_HEADING 26 /* points above each picture */

/* One picture with its heading, put below the others. */
static int svg_add(struct report *r, const struct lockdag_finding *f, size_t number,
	struct lockdag_text *all, double *width, double *y)
{
	struct lockdag_text picture = {0}, heading = {0};
	double w = 0, h = 0;
	int err = report_svg_finding(&picture, r, f, number);
	char *words;

	if (err) {
		lockdag_text_clear(&picture);
		return err;
	}
	report_finding_line(&heading, f);
	words = lockdag_text_take(&heading);
	if (!words || picture.failed) {
		lockdag_text_clear(&picture);
		free(words);
		return -ENOMEM;
	}
	svg_size(picture.s, &w, &h);
	lockdag_text_addf(
		all, "<text x=\"8\" y=\"%.0f\" font-weight=\"bold\">", *y + SVG_HEADING - 8);
	report_xml(all, words);
	lockdag_text_addf(all, "</text>\n<g transform=\"translate(0 %.0f)\">", *y + SVG_HEADING);
	lockdag_text_add(all, picture.s);
	lockdag_text_add(all, "</g>\n");
	w = w * 4 / 3 + 16;
	if ((double)report_width(words) * 8 + 16 > w)
		w = (double)report_width(words) * 8 + 16;
	*width = w > *width ? w : *width;
	*y += SVG_HEADING + h * 4 / 3 + 12;
	lockdag_text_clear(&picture);
	free(words);
	return 0;
}

int report_svg(struct report *r, const struct lockdag_findings *f)
{
	struct lockdag_text all = {0};
	double width = 320, y = 0;
	int err = 0;
	char *body;

	for (size_t i = 0; i < f->n && !err; i++)
		if (report_shows(r, &f->items[i]))
			err = svg_add(r, &f->items[i], i, &all, &width, &y);
	if (!err && y == 0) {
		lockdag_text_add(&all, "<text x=\"8\" y=\"20\">no lock-order cycle found</text>\n");
		y = 32;
	}
	body = lockdag_text_take(&all);
	if (!err && !body)
		err = -ENOMEM;
	if (!err) {
		lockdag_text_addf(r->out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
			"font-family=\"Courier,monospace\" font-size=\"13\">\n"
			"<title>lockdag</title>\n"
			"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
			width, y);
		lockdag_text_add(r->out, body);
		lockdag_text_add(r->out, "</svg>\n");
	}
	free(body);
	return err;
}

int report_svg_graph(struct report *r, const struct lockdag_class_graph *g)
{
	struct lockdag_text dot = {0};
	struct report into = *r;
	char *text;
	int err;

	if (g->n_classes > SVG_MAX_CLASSES || g->n_edges > SVG_MAX_EDGES)
		return -E2BIG;
	into.out = &dot;
	err = report_dot_graph(&into, g);
	text = lockdag_text_take(&dot);
	if (!err && !text)
		err = -ENOMEM;
	lockdag_text_add(r->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (!err)
		err = report_svg_draw(r->out, text);
	free(text);
	return err;
}
