"""Reading what people sent, in a process of its own with little memory and little time.

Pictures, PDF files and office documents are taken apart by large programs that were written for well-meant files. What
goes wrong in there, a bomb or a weakness, ends with that process. It knows no setting, no secret and no database.
"""
