//! QR codes as SVG.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::FormError;

/// The code of a text, with its quiet zone. A folded or stained paper stays readable at level M.
pub(crate) fn svg(text: &str) -> Result<String, FormError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| FormError::Qr { bytes: text.len() })?;
    Ok(code.render::<svg::Color>().module_dimensions(1, 1).build())
}
