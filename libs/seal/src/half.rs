//! The two halves of a data key. They are two types because to mix them up would keep for ever what must be erasable.

use std::fmt;

use zeroize::Zeroizing;

use crate::NoRandomness;
use crate::random;

macro_rules! half {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// A new half, drawn at random.
            ///
            /// # Errors
            /// The operating system gave no random bytes.
            pub fn generate() -> Result<Self, NoRandomness> {
                random::secret().map(Self)
            }

            /// The half that is these 32 bytes.
            #[must_use]
            pub fn from_bytes(bytes: &[u8; 32]) -> Self {
                Self(Zeroizing::new(*bytes))
            }

            /// The 32 bytes. They go where the half is kept, never into a log line.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

half! {
    /// *a*: secret, 32 bytes. It is in the log only wrapped to agencies' keys, inside the events that give access, and
    /// is there for ever.
    WrappedHalf
}

half! {
    /// *e*: 32 bytes outside the log, known to every node. To forget it is to erase the dossier's personal data.
    ErasableHalf
}
