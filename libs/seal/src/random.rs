//! Random bytes, from the operating system alone.

use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use thiserror::Error;
use zeroize::Zeroizing;

/// The operating system gave no random bytes.
#[derive(Debug, Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness(#[from] getrandom::Error);

/// N random bytes that are nobody's business to see.
pub(crate) fn secret<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut())?;
    Ok(bytes)
}

/// What `draw` makes of the operating system's randomness.
///
/// Generators that libraries take cannot fail, so most of them panic when the system gives nothing. This one remembers
/// it, and what was made without randomness is thrown away.
pub(crate) fn with_system_rng<T>(draw: impl FnOnce(&mut SystemRng) -> T) -> Result<T, NoRandomness> {
    let mut rng = SystemRng { failed: None };
    let drawn = draw(&mut rng);
    rng.failed.map_or(Ok(drawn), |error| Err(NoRandomness(error)))
}

pub(crate) struct SystemRng {
    failed: Option<getrandom::Error>,
}

impl TryRng for SystemRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        if let Err(error) = getrandom::fill(bytes) {
            self.failed = Some(error);
        }
        Ok(())
    }
}

impl TryCryptoRng for SystemRng {}
