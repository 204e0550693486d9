//! Reads mapping files with everything they name, and compiles them.

use crate::engine::mapping::ast::{Ast, Comparison, Expr, ExprKind, Role, SectionKind, SideClause};
use crate::engine::mapping::{self, Plans, Side, Unit};
use crate::engine::{
    Codec, Diagnostics, FileId, Format, FormatOption, Limits, Options, Select, SelectWhen, Sources, Span, Translation,
};
use crate::registry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where files are looked for, beside the mapping's own folder.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// `--schemas DIR`.
    pub folders: Vec<PathBuf>,
    /// The current folder.
    pub here: PathBuf,
}

/// A mapping with what it was made of.
#[derive(Debug)]
pub struct Loaded {
    /// Every text.
    pub sources: Sources,
    /// What is wrong with them, in line order.
    pub diagnostics: Diagnostics,
    /// The mapping and its libraries.
    pub unit: Unit,
    /// Its sides.
    pub sides: Vec<Side>,
    /// What to run, if nothing is wrong.
    pub plans: Option<Plans>,
    /// The names that were looked for, and where each was found.
    pub found: Vec<(String, String)>,
    /// Whether the file is a library, with nothing to run.
    pub is_library: bool,
}

/// The files of `schemas/`, compiled into the program: format, name and text. The build script lists them.
const BUILT_IN: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// The folder that people see them in; what they include stands there too.
const BUILT_IN_FOLDER: &str = "built-in:schemas";

impl Search {
    /// Looks for a file that a file of `folder` names; gives its path as people read it, and its text.
    fn read(&self, name: &str, folder: &Path, format: &str, limits: &Limits) -> Option<Result<(String, String), String>> {
        // The own folder comes first, also for a schema that is built in: no file that happens to have the name of a
        // part of it takes its place.
        if folder.starts_with(BUILT_IN_FOLDER)
            && let Some(found) = built_in(name, format)
        {
            return Some(Ok(found));
        }
        for candidate in self.candidates(name, folder, format) {
            if candidate.is_file() {
                return Some(read_text(&candidate, limits).map(|text| (shown(&candidate, &self.here), text)));
            }
        }
        built_in(name, format).map(Ok)
    }

    /// The own folder; each folder given; the folders above the own one and above the current one, there also in `schemas`.
    ///
    /// `COPY MEMBER` names a member of a library, which is the file `MEMBER.cpy` here.
    fn candidates(&self, name: &str, folder: &Path, format: &str) -> Vec<PathBuf> {
        let mut all = self.candidates_of(name, folder, format);
        if format == "copybook" && Path::new(name).extension().is_none() {
            all.extend(self.candidates_of(&format!("{name}.cpy"), folder, format));
            all.extend(self.candidates_of(&format!("{}.cpy", name.to_lowercase()), folder, format));
        }
        all
    }

    fn candidates_of(&self, name: &str, folder: &Path, format: &str) -> Vec<PathBuf> {
        let mut all = vec![folder.join(name)];
        for given in &self.folders {
            all.push(given.join(name));
            all.push(given.join(format).join(name));
        }
        let own = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        let here = std::path::absolute(&self.here).unwrap_or_else(|_| self.here.clone());
        for start in [own, here] {
            for above in start.ancestors() {
                all.push(above.join(name));
                all.push(above.join("schemas").join(name));
                all.push(above.join("schemas").join(format).join(name));
            }
        }
        all
    }
}

/// A file compiled into the program, named as it would be if its folder stood last in the search: `NAME` of the format,
/// `FORMAT/NAME` or `schemas/FORMAT/NAME`.
fn built_in(name: &str, format: &str) -> Option<(String, String)> {
    let name = name.strip_prefix("schemas/").unwrap_or(name);
    let (format, name) = name.split_once('/').unwrap_or((format, name));
    let (.., text) = BUILT_IN.iter().find(|(of, it, _)| *of == format && *it == name)?;
    Some((format!("{BUILT_IN_FOLDER}/{format}/{name}"), (*text).to_owned()))
}

/// A path as people read it: below the current folder without it.
fn shown(path: &Path, here: &Path) -> String {
    let short = path.strip_prefix(here).ok().filter(|it| !it.as_os_str().is_empty());
    short.unwrap_or(path).to_string_lossy().into_owned()
}

fn read_text(path: &Path, limits: &Limits) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > limits.schema_bytes_max {
        return Err(format!("it is larger than the limit `schema_bytes_max` ({} bytes)", limits.schema_bytes_max));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Loads a mapping file. An error is about the file itself: it cannot be read.
pub fn load(path: &Path, search: &Search, limits: &Limits) -> Result<Loaded, String> {
    load_as(path, search, limits, false)
}

/// The same with plans that tell what they do, for explanations and coverage.
pub fn load_telling(path: &Path, search: &Search, limits: &Limits) -> Result<Loaded, String> {
    load_as(path, search, limits, true)
}

fn load_as(path: &Path, search: &Search, limits: &Limits, telling: bool) -> Result<Loaded, String> {
    let text = read_text(path, limits).map_err(|why| format!("{}: {why}", path.display()))?;
    let mut loader = Loader {
        sources: Sources::default(),
        diagnostics: Diagnostics::default(),
        search,
        limits,
        telling,
        folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
        found: Vec::new(),
    };
    let file = loader.sources.add(shown(path, &search.here), text);
    Ok(loader.load(file))
}

/// A schema of the command line: `--format F --schema S --option NAME=WORDS`.
#[derive(Clone, Debug)]
pub struct SchemaArguments {
    /// The name of the format.
    pub format: String,
    /// A path, or a name that is looked for.
    pub schema: String,
    /// `NAME=WORDS`.
    pub options: Vec<String>,
}

/// A codec with its format.
pub type Found = (Arc<dyn Codec>, &'static dyn Format);

/// A codec of the command line, or the diagnostics about its schema.
pub fn codec(arguments: &SchemaArguments, search: &Search, limits: &Limits) -> Result<Found, (Sources, Diagnostics)> {
    let mut loader = Loader {
        sources: Sources::default(),
        diagnostics: Diagnostics::default(),
        search,
        limits,
        telling: false,
        folder: search.here.clone(),
        found: Vec::new(),
    };
    let line = arguments.options.iter().fold(format!("{} \"{}\"", arguments.format, arguments.schema), |line, it| {
        let (name, words) = it.split_once('=').unwrap_or((it, ""));
        format!("{line} {name} {words}")
    });
    let file = loader.sources.add("the command line", line);
    let span = loader.sources.span(file);
    match loader.command_line_codec(arguments, file, span) {
        Some(found) if !loader.diagnostics.has_errors() => Ok(found),
        _ => Err((loader.sources, loader.diagnostics)),
    }
}

struct Loader<'a> {
    sources: Sources,
    diagnostics: Diagnostics,
    search: &'a Search,
    limits: &'a Limits,
    telling: bool,
    folder: PathBuf,
    found: Vec<(String, String)>,
}

impl Loader<'_> {
    fn load(mut self, file: FileId) -> Loaded {
        let ast = mapping::parse(&self.sources, file, &mut self.diagnostics);
        let mut unit = Unit { file, ast, libraries: Vec::new() };
        self.libraries(&mut unit);
        let is_library = mapping::named(&unit).0.is_empty();
        let sides = self.sides(&unit);
        let complete = self.is_complete(&unit, sides.len(), is_library);
        let plans = if complete {
            let plans = mapping::compile(&unit, &sides, &self.sources, (self.limits, self.telling), &mut self.diagnostics);
            plans.filter(|_| !self.diagnostics.has_errors())
        } else {
            None
        };
        self.diagnostics.sort();
        let Loader { sources, diagnostics, found, .. } = self;
        Loaded { sources, diagnostics, unit, sides, plans, found, is_library }
    }

    /// Reads the files of `use` sections and of look-ups, in the mapping and in what it uses.
    fn libraries(&mut self, unit: &mut Unit) {
        let mut open = vec![(unit.file, self.named_files(unit.file, &unit.ast))];
        while let Some((from, names)) = open.pop() {
            for (name, span, is_mapping) in names {
                if self.sources.linked(from, &name).is_some() {
                    continue;
                }
                let Some((id, is_new)) = self.find(from, &name, "", span) else { continue };
                if is_mapping && is_new {
                    let ast = mapping::parse(&self.sources, id, &mut self.diagnostics);
                    let inner = self.named_files(id, &ast).into_iter().filter(|(.., is_mapping)| !is_mapping).collect();
                    open.push((id, inner));
                    unit.libraries.push((id, ast));
                }
            }
        }
    }

    /// The files that a mapping names beside its schemas; whether each is a mapping itself.
    fn named_files(&self, _file: FileId, ast: &mapping::ast::Ast) -> Vec<(String, Span, bool)> {
        let mut names = Vec::new();
        for section in &ast.sections {
            match &section.kind {
                SectionKind::Use { file, .. } => names.push((file.text.clone(), file.span, true)),
                SectionKind::Lookup(clause) if clause.kind.text == "csv" => {
                    names.push((clause.file.text.clone(), clause.file.span, false))
                }
                _ => {}
            }
        }
        names.extend(mapping::calendars(ast).into_iter().map(|(name, span)| (format!("calendars/{name}.csv"), span, false)));
        names
    }

    /// Finds a file, reads it and links it; E002 where it is missing.
    fn find(&mut self, from: FileId, name: &str, format: &str, span: Span) -> Option<(FileId, bool)> {
        let folder = self.folder_of(from);
        match self.search.read(name, &folder, format, self.limits) {
            Some(Ok((path, text))) => {
                let found = (name.to_owned(), path.clone());
                if !self.found.contains(&found) {
                    self.found.push(found);
                }
                let known = self.sources.files().find(|it| self.sources.path(*it) == path);
                let id = known.unwrap_or_else(|| self.sources.add(path, text));
                self.sources.link(from, name, id);
                Some((id, known.is_none()))
            }
            Some(Err(why)) => {
                self.diagnostics
                    .error("E002", span, format!("`{name}` cannot be read"))
                    .add_note(why)
                    .help("name a text file in UTF-8");
                None
            }
            None => {
                let folders: Vec<_> = self.search.folders.iter().map(|it| it.display().to_string()).collect();
                let diagnostic = self.diagnostics.error("E002", span, format!("`{name}` is not found"));
                diagnostic.label("no such file");
                diagnostic.add_note(format!(
                    "looked in the mapping's folder, {}in the folders above it and above the current one, each also in \
                     schemas/{format}, and among the files that are built in",
                    if folders.is_empty() { String::new() } else { format!("in {}, ", folders.join(", ")) },
                ));
                diagnostic.help("put it beside the mapping, or name its folder:  --schemas DIR");
                None
            }
        }
    }

    fn folder_of(&self, file: FileId) -> PathBuf {
        let path = Path::new(self.sources.path(file));
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => self.folder.clone(),
        }
    }

    // ---- sides -----------------------------------------------------------------------------------------------------

    fn sides(&mut self, unit: &Unit) -> Vec<Side> {
        let mut sides: Vec<Side> = Vec::new();
        for section in &unit.ast.sections {
            let SectionKind::Side(clause) = &section.kind else { continue };
            if sides.iter().any(|it| it.alias == clause.alias.text) {
                self.diagnostics
                    .error("E100", clause.alias.span, format!("two sides are called `{}`", clause.alias.text))
                    .help("give one of them another name");
                continue;
            }
            if let Some(side) = self.side(clause, section.span, &unit.ast) {
                sides.push(side);
            }
        }
        sides
    }

    fn side(&mut self, clause: &SideClause, span: Span, ast: &Ast) -> Option<Side> {
        let name = &clause.format.text;
        let Some(format) = registry::format(name) else {
            let known: Vec<_> = registry::FORMATS.iter().map(|it| it.name()).collect();
            let planned = ["iso8583", "csv", "fixed"];
            let diagnostic = if planned.contains(&name.as_str()) {
                self.diagnostics.error("E004", clause.format.span, format!("the format `{name}` is not built yet"))
            } else {
                self.diagnostics.error("E003", clause.format.span, format!("there is no format `{name}`"))
            };
            if let Some(near) = mapping::nearest(name, known.iter().copied()) {
                diagnostic.fix(format!("did you mean `{near}`?"), clause.format.span, near);
            }
            diagnostic.help(format!("there are: {}", known.join(", ")));
            return None;
        };
        let mut options = self.options(clause, format, span);
        // What a mapping writes into the detail of a fault is declared by being written, where the format allows that.
        let details = mapping::fault_details(ast, &clause.alias.text);
        if !details.is_empty() && format.about().options.iter().any(|it| it.name == "detail") {
            options.list.push(FormatOption { name: "detail".to_owned(), words: details, span });
        }
        let codec = self.codec(clause.span_file(), &clause.schema.text, clause.schema.span, format, options)?;
        Some(Side {
            role: clause.role,
            alias: clause.alias.text.clone(),
            format: name.clone(),
            codec,
            about: format.about(),
            span: clause.alias.span,
        })
    }

    fn codec(
        &mut self,
        from: FileId,
        schema: &str,
        span: Span,
        format: &dyn Format,
        mut options: Options,
    ) -> Option<Arc<dyn Codec>> {
        let (name, fragment) = schema.split_once('#').unwrap_or((schema, ""));
        options.fragment = fragment.to_owned();
        // A message of ISO 20022 can be named without the ending of its file.
        let is_message = format.name() == "iso20022" && !name.ends_with(".xsd");
        let name = if is_message { format!("{name}.xsd") } else { name.to_owned() };
        let (id, _) = self.find(from, &name, format.name(), span)?;
        self.wanted(id, format, span);
        let known = self.diagnostics.len();
        let codec = format.compile(&self.sources, id, &options, &mut self.diagnostics);
        (self.diagnostics.len() == known || codec.is_some()).then_some(codec).flatten()
    }

    /// Reads what a schema names, until nothing is missing.
    fn wanted(&mut self, schema: FileId, format: &dyn Format, span: Span) {
        let mut open = vec![schema];
        while let Some(from) = open.pop() {
            for name in format.wants(self.sources.text(from)) {
                if self.sources.linked(from, &name).is_some() {
                    continue;
                }
                // What is missing the schema's compiler says, at the line that names it.
                let is_there = self.search.read(&name, &self.folder_of(from), format.name(), self.limits).is_some();
                if is_there && let Some((id, true)) = self.find(from, &name, format.name(), span) {
                    open.push(id);
                }
            }
        }
    }

    /// The words of a clause, sorted to the options of the format: an option's words end at the next option.
    fn options(&mut self, clause: &SideClause, format: &dyn Format, span: Span) -> Options {
        let known: Vec<&str> = format.about().options.iter().map(|it| it.name).collect();
        let mut list: Vec<FormatOption> = Vec::new();
        let mut is_unknown = false;
        for word in &clause.words {
            if is_unknown && !word.is_name {
                // What follows an unknown option belongs to it.
                continue;
            }
            is_unknown = false;
            if word.is_name && known.contains(&word.text.as_str()) {
                list.push(FormatOption { name: word.text.clone(), words: Vec::new(), span: word.span });
            } else if let Some(last) = list.last_mut() {
                last.words.push(word.text.clone());
                last.span = last.span.to(word.span);
            } else {
                is_unknown = true;
                let diagnostic = self.diagnostics.error(
                    "E003",
                    word.span,
                    format!("the format `{}` has no option `{}`", format.name(), word.text),
                );
                if let Some(near) = mapping::nearest(&word.text, known.iter().copied()) {
                    diagnostic.fix(format!("did you mean `{near}`?"), word.span, near);
                }
                diagnostic.help(if known.is_empty() {
                    "it has none".to_owned()
                } else {
                    format!("it has: {}", known.join(", "))
                });
            }
        }
        let select = clause.select.iter().filter_map(|(name, when)| {
            Some(Select { name: name.text.clone(), when: select_when(when, &mut self.diagnostics)?, span: name.span })
        });
        let select = select.collect();
        Options { list, select, fragment: String::new(), span: Some(span) }
    }

    fn command_line_codec(
        &mut self,
        arguments: &SchemaArguments,
        file: FileId,
        span: Span,
    ) -> Option<(Arc<dyn Codec>, &'static dyn Format)> {
        let Some(format) = registry::format(&arguments.format) else {
            let known: Vec<_> = registry::FORMATS.iter().map(|it| it.name()).collect();
            self.diagnostics
                .error("E003", span, format!("there is no format `{}`", arguments.format))
                .help(format!("there are: {}", known.join(", ")));
            return None;
        };
        let known: Vec<&str> = format.about().options.iter().map(|it| it.name).collect();
        let mut options = Options { span: Some(span), ..Options::default() };
        for it in &arguments.options {
            let (name, words) = it.split_once('=').unwrap_or((it, ""));
            if name == "select" {
                options.select.extend(self.command_line_select(words, span));
                continue;
            }
            if !known.contains(&name) {
                self.diagnostics
                    .error("E003", span, format!("the format `{}` has no option `{name}`", format.name()))
                    .help(format!("it has: {}", known.join(", ")));
                continue;
            }
            let words = words.split_whitespace().map(|it| it.trim_matches('"').to_owned()).collect();
            options.list.push(FormatOption { name: name.to_owned(), words, span });
        }
        let codec = self.codec(file, &arguments.schema, span, format, options)?;
        Some((codec, format))
    }

    /// `NAME when CONDITION, ..` as an option of the command line.
    fn command_line_select(&mut self, words: &str, span: Span) -> Vec<Select> {
        let file = self.sources.add("the option `select`", words.replace('\'', "\""));
        let mut chosen = Vec::new();
        for (name, when) in mapping::parse_select(&self.sources, file, &mut self.diagnostics) {
            if let Some(when) = select_when(&when, &mut self.diagnostics) {
                chosen.push(Select { name: name.text, when, span });
            }
        }
        chosen
    }

    /// A mapping has a source and a target; a library has neither.
    fn is_complete(&mut self, unit: &Unit, sides: usize, is_library: bool) -> bool {
        let clauses: Vec<Role> = unit
            .ast
            .sections
            .iter()
            .filter_map(|it| match &it.kind {
                SectionKind::Side(clause) => Some(clause.role),
                _ => None,
            })
            .collect();
        if is_library && clauses.is_empty() {
            return false;
        }
        let count = |role: Role| clauses.iter().filter(|it| **it == role).count();
        let one_way = count(Role::From) == 1 && count(Role::To) >= 1 && count(Role::Between) + count(Role::And) == 0;
        let two_way = count(Role::Between) == 1 && count(Role::And) == 1 && count(Role::From) + count(Role::To) == 0;
        if !one_way && !two_way && !unit.ast.broken {
            let span = Span { start: 0, end: 0, ..self.sources.span(unit.file) };
            self.diagnostics
                .error("E001", span, "a mapping has one `from` and at least one `to`, or one `between` and one `and`")
                .help("say what is read and what is written:  from NAME : FORMAT \"schema\"   to NAME : FORMAT \"schema\"");
            return false;
        }
        (one_way || two_way) && sides == clauses.len()
    }
}

/// A condition of `select`, which can only ask for the values of the record's own fields.
fn select_when(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<SelectWhen> {
    let path_of = |it: &Expr| match &it.kind {
        ExprKind::Path(path) => Some(path.segments.iter().map(|it| it.name.text.as_str()).collect::<Vec<_>>().join("/")),
        _ => None,
    };
    let text_of = |it: &Expr| match &it.kind {
        ExprKind::Text(text) | ExprKind::Number(text) => Some(text.clone()),
        _ => None,
    };
    let simple = match &expr.kind {
        ExprKind::And(a, b) => return Some(SelectWhen::All(vec![select_when(a, diagnostics)?, select_when(b, diagnostics)?])),
        ExprKind::Or(a, b) => return Some(SelectWhen::Any(vec![select_when(a, diagnostics)?, select_when(b, diagnostics)?])),
        ExprKind::Compare(comparison, left, right) => match (comparison, path_of(left), &right.kind) {
            (Comparison::Equal, Some(path), _) => text_of(right).map(|it| SelectWhen::Is(path, vec![it], true)),
            (Comparison::Unequal, Some(path), _) => text_of(right).map(|it| SelectWhen::Is(path, vec![it], false)),
            (Comparison::In, Some(path), ExprKind::Tuple(values)) => {
                values.iter().map(text_of).collect::<Option<Vec<_>>>().map(|it| SelectWhen::Is(path, it, true))
            }
            _ => None,
        },
        _ => None,
    };
    if simple.is_none() {
        diagnostics
            .error("E103", expr.span, "a record is told by the values of its fields only")
            .help("write:  FIELD = \"..\"   FIELD in (\"..\", \"..\")   with `and`, `or`");
    }
    simple
}

impl Loaded {
    /// What to run, one way or back.
    pub fn translation(&self, back: bool) -> Option<Translation> {
        let Plans { forth, back: reverse, .. } = self.plans.as_ref()?;
        let plan = Arc::clone(if back { reverse.as_ref()? } else { forth });
        let is_source = |side: &Side| match side.role {
            Role::From => true,
            Role::Between => !back,
            Role::And => back,
            Role::To => false,
        };
        let source = self.sides.iter().find(|it| is_source(it)).map(|it| Arc::clone(&it.codec))?;
        let targets = plan.targets.iter().filter_map(|it| self.sides.get(it.side)).map(|it| Arc::clone(&it.codec)).collect();
        Some(Translation { plan, source, targets })
    }
}
