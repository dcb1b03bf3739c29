/*
  The files that tie the outputs of a run together in time: fields.vtkhdf.series for ParaView (JSON), fields.xmf
  for ParaView and VisIt (XDMF 2). They are read, changed and replaced as a whole, so that a run that is
  continued finds its entries, and those of iterations that it repeats give way.
*/
#include "io_private.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define HEADER "    <Grid Name=\"run\" GridType=\"Collection\" CollectionType=\"Temporal\">\n"
#define FOOTER "    </Grid>\n  </Domain>\n</Xdmf>\n"
#define ENTRY  "      <Grid Name=\"it"

/* The iteration in the name of an entry, "it00000012/...". */
static PetscInt Iteration(const char name[])
{
  long it = -1;
  return sscanf(name, "it%ld", &it) == 1 ? (PetscInt)it : -1;
}

/* The list of ParaView: entries before this iteration stay, those after it are of a run that was continued from before them. */
static PetscErrorCode IndexVTK(const AeOut *o, AeRun run)
{
  const char *path = AeRunPath(run, "fields/fields.vtkhdf.series");
  json_t     *root = json_load_file(path, 0, NULL), *files = json_object_get(root, "files"), *kept = json_array(), *entry;
  size_t      i;
  char        name[64], *text;

  PetscFunctionBegin;
  PetscCheck(files || access(path, F_OK), PETSC_COMM_SELF, AE_ERR_FILE, "%s is not a list of outputs; move it away", path);
  json_array_foreach(files, i, entry)
  {
    const char *old = json_string_value(json_object_get(entry, "name"));
    if (old && Iteration(old) < o->it) json_array_append(kept, entry);
  }
  json_decref(root);
  PetscCall(PetscSNPrintf(name, sizeof name, "it%08" PetscInt_FMT "/fields.vtkhdf", o->it));
  json_array_append_new(kept, json_pack("{s:s, s:f}", "name", name, "time", (double)o->t));
  root = json_pack("{s:s, s:o}", "file-series-version", "1.0", "files", kept);
  text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(root);
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %s", path);
  PetscCall(AeWriteFile(path, text, strlen(text)));
  free(text);
  PetscFunctionReturn(0);
}

/* What fields.xmf holds before the entry of this iteration; its header alone if there is no such file. */
static PetscErrorCode Before(const char path[], PetscInt it, FILE *to)
{
  FILE     *old  = fopen(path, "re");
  char     *line = NULL;
  size_t    room = 0;
  PetscBool ours = PETSC_FALSE;

  PetscFunctionBegin;
  if (!old) {
    PetscCheck(errno == ENOENT, PETSC_COMM_SELF, AE_ERR_FILE, "cannot read %s: %s", path, strerror(errno));
    fputs("<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n  <Domain>\n" HEADER, to);
    PetscFunctionReturn(0);
  }
  while (getline(&line, &room, old) > 0) {
    if (!strncmp(line, ENTRY, strlen(ENTRY)) && Iteration(strstr(line, "\"it") + 1) >= it) break;
    if (!strncmp(line, "    </Grid>", 11)) break;
    if (!strcmp(line, HEADER)) ours = PETSC_TRUE;
    fputs(line, to);
  }
  free(line);
  fclose(old);
  PetscCheck(ours, PETSC_COMM_SELF, AE_ERR_FILE, "%s is not a list of outputs; move it away", path);
  PetscFunctionReturn(0);
}

/* One box: a uniform grid whose values are datasets of fields.xdmf.h5. */
static void WriteBox(const AeOut *o, const AeOutFile *f, PetscInt b, FILE *to)
{
  const AeFieldBox *box = &o->box[b];
  const AeGrid      g   = box->grid;
  PetscInt          start[3], n[3];

  AeOutCells(f->form, g, start, n);
  fprintf(to,
          "        <Grid Name=\"level%d box%d\" GridType=\"Uniform\">\n          <Topology TopologyType=\"3DCoRectMesh\" "
          "Dimensions=\"%d %d %d\"/>\n",
          (int)box->level, (int)box->number, (int)n[2] + 1, (int)n[1] + 1, (int)n[0] + 1);
  fprintf(to,
          "          <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n            <DataItem Format=\"XML\" Dimensions=\"3\" "
          "NumberType=\"Float\" Precision=\"8\">%.17g %.17g %.17g</DataItem>\n",
          (double)g->lo[2], (double)g->lo[1], (double)g->lo[0]);
  fprintf(to,
          "            <DataItem Format=\"XML\" Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\">%.17g %.17g "
          "%.17g</DataItem>\n          </Geometry>\n",
          (double)g->h, (double)g->h, (double)g->h);
  for (PetscInt v = 0; v < f->n; v++) {
    char name[PETSC_MAX_PATH_LEN];

    AeOutDataset(o, f, b, v, name, sizeof name);
    fprintf(to,
            "          <Attribute Name=\"%s\" AttributeType=\"Scalar\" Center=\"Cell\">\n            <DataItem Format=\"HDF\" "
            "Dimensions=\"%d %d %d\" NumberType=\"Float\" Precision=\"8\">it%08d/fields.xdmf.h5:/%s</DataItem>\n          "
            "</Attribute>\n",
            box->field[f->field + v].name, (int)n[2], (int)n[1], (int)n[0], (int)o->it, name);
  }
  fputs("        </Grid>\n", to);
}

static PetscErrorCode IndexXDMF(const AeOut *o, AeRun run, const AeOutFile *f)
{
  const char *path = AeRunPath(run, "fields/fields.xmf");
  char       *text = NULL;
  size_t      size = 0;
  FILE       *to   = open_memstream(&text, &size);

  PetscFunctionBegin;
  PetscCheck(to, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %s", path);
  PetscCall(Before(path, o->it, to));
  fprintf(to, ENTRY "%08d\" GridType=\"Collection\" CollectionType=\"Spatial\">\n        <Time Value=\"%.17g\"/>\n", (int)o->it,
          (double)o->t);
  for (PetscInt b = 0; b < o->nboxes; b++) WriteBox(o, f, b, to);
  fputs("      </Grid>\n" FOOTER, to);
  PetscCheck(!fclose(to), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %s", path);
  PetscCall(AeWriteFile(path, text, size));
  free(text);
  PetscFunctionReturn(0);
}

PetscErrorCode AeOutIndex(const AeOut *o, AeRun run, const AeOutFile *f)
{
  PetscFunctionBegin;
  if (f->form == AE_OUT_VTKHDF) PetscCall(IndexVTK(o, run));
  if (f->form == AE_OUT_XDMF) PetscCall(IndexXDMF(o, run, f));
  PetscFunctionReturn(0);
}
