//! The typesetter: templates and fonts of this crate and the data of one form; no file, no clock, no network.

use std::collections::HashMap;
use std::sync::LazyLock;

use typst::{
    Library, LibraryExt, World, comemo,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime},
    layout::{Frame, FrameItem, PagedDocument},
    syntax::{FileId, Source, VirtualPath},
    text::{Font, FontBook},
    utils::LazyHash,
};

use crate::{FormError, Kind};

/// The greatest number of rows in one document.
pub const ROWS_MAX: usize = 20_000;

/// The one family that is used, with all Vietnamese letters (SIL Open Font License 1.1).
const FAMILY: &str = "Libertinus Serif";

/// How many documents ago a part must have been used last to be forgotten.
const MEMORY_AGE: usize = 4;

const DATA: &str = "/data.json";

const COMMON: (&str, &str) = ("/common.typ", include_str!("templates/common.typ"));

/// The template of a form: its path and text.
const fn template(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Receipt => ("/receipt.typ", include_str!("templates/receipt.typ")),
        Kind::SupplementRequest => {
            ("/supplement_request.typ", include_str!("templates/supplement_request.typ"))
        }
        Kind::Refusal => ("/refusal.typ", include_str!("templates/refusal.typ")),
        Kind::Apology => ("/apology.typ", include_str!("templates/apology.typ")),
        Kind::StopNotice => ("/stop_notice.typ", include_str!("templates/stop_notice.typ")),
        Kind::ControlSlip => ("/control_slip.typ", include_str!("templates/control_slip.typ")),
        Kind::Register => ("/register.typ", include_str!("templates/register.typ")),
        Kind::TaxInformation => ("/tax_information.typ", include_str!("templates/tax_information.typ")),
        Kind::TaxNotice => ("/tax_notice.typ", include_str!("templates/tax_notice.typ")),
        Kind::Report => ("/report.typ", include_str!("templates/report.typ")),
    }
}

/// What is the same for every document.
struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: HashMap<FileId, Source>,
}

static SHOP: LazyLock<Shop> = LazyLock::new(|| {
    let fonts: Vec<_> = typst_assets::fonts()
        .flat_map(|data| Font::iter(Bytes::new(data)))
        .filter(|font| font.info().family == FAMILY)
        .collect();
    let templates = Kind::ALL.map(template);
    let sources = templates.iter().chain([&COMMON]).map(|(path, text)| {
        let id = id(path);
        (id, Source::new(id, (*text).to_owned()))
    });
    Shop {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        sources: sources.collect(),
        fonts,
    }
});

fn id(path: &str) -> FileId {
    FileId::new(None, VirtualPath::new(path))
}

/// One form on its way to paper.
struct Job {
    main: FileId,
    data_id: FileId,
    data: Bytes,
}

impl World for Job {
    fn library(&self) -> &LazyHash<Library> {
        &SHOP.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHOP.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        SHOP.sources.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_id { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHOP.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// The pages of a form. A warning, such as an unknown font, is as bad as an error.
pub(crate) fn compile(kind: Kind, data: Vec<u8>) -> Result<PagedDocument, FormError> {
    let job = Job { main: id(template(kind).0), data_id: id(DATA), data: Bytes::new(data) };
    let compiled = typst::compile::<PagedDocument>(&job);
    // Otherwise a service that prints for weeks would remember every form.
    comemo::evict(MEMORY_AGE);
    let document = compiled.output.map_err(|errors| faults(&errors))?;
    if !compiled.warnings.is_empty() {
        return Err(faults(&compiled.warnings));
    }
    match document.pages.iter().find_map(|page| missing_glyph(&page.frame)) {
        Some(character) => Err(FormError::Unprintable { character }),
        None => Ok(document),
    }
}

pub(crate) fn faults(diagnostics: &[SourceDiagnostic]) -> FormError {
    FormError::Typesetting {
        messages: diagnostics.iter().map(|diagnostic| diagnostic.message.to_string()).collect(),
    }
}

/// The first character that no font has.
fn missing_glyph(frame: &Frame) -> Option<char> {
    frame.items().find_map(|(_, item)| match item {
        FrameItem::Group(group) => missing_glyph(&group.frame),
        FrameItem::Text(text) => {
            let missing = text.glyphs.iter().find(|glyph| glyph.id == 0)?;
            text.text.get(missing.range()).and_then(|text| text.chars().next())
        }
        FrameItem::Shape(..) | FrameItem::Image(..) | FrameItem::Link(..) | FrameItem::Tag(_) => None,
    })
}
