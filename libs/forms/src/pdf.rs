//! From data to the bytes of a PDF.

use serde_json::{Value, json};
use typst::foundations::Smart;
use typst_pdf::PdfOptions;

use crate::{
    Form, FormError,
    printable::make_printable,
    typeset::{ROWS_MAX, compile, faults},
};

/// A tree of tags for screen readers is made up to this many rows; beyond, it would be most of the file.
const TAGGED_ROWS_MAX: usize = 200;

/// The form as a print-ready PDF. The same data gives the same bytes.
///
/// # Errors
/// The form breaks one of its rules, or holds what cannot be printed.
pub fn pdf<F: Form>(form: &F) -> Result<Vec<u8>, FormError> {
    let data = data(form)?;
    // The data is the document's identity: whoever changes a letter has another document.
    let ident = String::from_utf8_lossy(&data).into_owned();
    let document = compile(F::KIND, data)?;
    let options = PdfOptions {
        ident: Smart::Custom(&ident),
        timestamp: None,
        tagged: form.rows() <= TAGGED_ROWS_MAX,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| faults(&errors))
}

/// The pages, before they are a PDF.
#[cfg(test)]
pub(crate) fn pages<F: Form>(form: &F) -> Result<typst::layout::PagedDocument, FormError> {
    compile(F::KIND, data(form)?)
}

/// What the template is given, as JSON.
fn data<F: Form>(form: &F) -> Result<Vec<u8>, FormError> {
    if form.rows() > ROWS_MAX {
        return Err(FormError::TooManyRows { rows: form.rows(), max: ROWS_MAX });
    }
    let mut derived = form.derive()?;
    // Made here, and no text.
    let qr = derived.get_mut("qr").map_or(Value::Null, Value::take);
    let fault = |error: serde_json::Error| FormError::Typesetting { messages: vec![error.to_string()] };
    let mut data = json!({
        "title": F::KIND.title(),
        "source": F::KIND.source(),
        "form": serde_json::to_value(form).map_err(fault)?,
        "derived": derived,
    });
    make_printable(&mut data)?;
    data["qr"] = qr;
    serde_json::to_vec(&data).map_err(fault)
}
