"""Pages as pictures: transcriptions with places, recognition (OCR), and the pictures themselves."""
