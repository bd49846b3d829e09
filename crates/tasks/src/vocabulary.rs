//! What this crate needs to know of a tokenizer.

/// A vocabulary of pieces, into which texts are cut word by word.
///
/// The pieces of a text with single spaces must be those of its words one after another, each as it stands
/// there. That holds for SentencePiece as T5 uses it, and for bytes:
///
/// ```
/// use fishdip_tasks::Vocabulary;
///
/// /// As ByT5: the bytes, after three special pieces.
/// struct Bytes;
///
/// impl Vocabulary for Bytes {
///     fn ids(&self, word: &str, at_start: bool) -> Vec<u32> {
///         let space = if at_start { "" } else { " " };
///         space.bytes().chain(word.bytes()).map(|byte| u32::from(byte) + 3).collect()
///     }
///
///     fn end(&self) -> u32 {
///         1
///     }
/// }
///
/// assert_eq!([Bytes.ids("a", true), Bytes.ids("b", false)].concat(), [100, 35, 101]);
/// ```
pub trait Vocabulary {
    /// The piece ids of `word`, which has no white space: as it stands after a space, or at the very start of
    /// a text.
    ///
    /// Where the vocabulary lacks a character, the id of the unknown piece; nothing at all for a word that
    /// the tokenizer's normalisation removes.
    fn ids(&self, word: &str, at_start: bool) -> Vec<u32>;

    /// The id that ends an output.
    fn end(&self) -> u32;
}

impl<P: Vocabulary + ?Sized> Vocabulary for &P {
    fn ids(&self, word: &str, at_start: bool) -> Vec<u32> {
        (**self).ids(word, at_start)
    }

    fn end(&self) -> u32 {
        (**self).end()
    }
}
