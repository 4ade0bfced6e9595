// Which of several chosen files belong together.

// Files of one name whose endings are those of a shapefile belong together.
export function together(files) {
  const groups = new Map();
  for (const file of files) {
    const [, stem, ending] = /^(.*?)(\.[^.]*)?$/.exec(file.name.toLowerCase());
    const key = [".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx"].includes(ending) ? stem : file.name;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()];
}
