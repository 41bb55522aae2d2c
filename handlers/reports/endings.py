"""How the file of an export ends, known before it is made."""

MOST_IN_ONE = 300  # societies in one Word document or workbook: of each something stays in memory to the end
LISTED = ("csv", "xlsx", "docx", "pdf")  # forms in which printed lists go out as they are


def ending(
    form: str, societies: int, *, own: bool, volumes: bool = False, listed: bool = False, layout: str = "docx"
) -> str:
    """What is too much for one document is a zip of several. `own`: a template of the office's own holds one society;
    `volumes`: a large workbook's go beside it; `layout`: how a file ends that somebody brought to be filled in."""
    if form == "sample":
        return "docx"
    if listed and form in LISTED:
        return form
    several = societies > MOST_IN_ONE
    if form == "layout":
        return "zip" if societies > 1 else layout
    if form in ("docx", "pdf"):
        return "zip" if several or (own and societies > 1) else form
    return "zip" if form == "forms" or (form == "xlsx" and several and not volumes) else form
