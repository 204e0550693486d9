      * Reads a batch file with the core's own copybook and prints what it adds up to, one line a file:
      * records, count and amount and hash by adding up, then the same three as the trailer says, then the currency.
      * The digits and letters of the file are EBCDIC, this program's are ASCII: only those that are computed with are converted.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. TOTALS.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT BATCH ASSIGN TO BATCH-NAME
               ORGANIZATION SEQUENTIAL FILE STATUS BATCH-STATUS.
       DATA DIVISION.
       FILE SECTION.
       FD  BATCH.
           COPY "corebatch.cpy".
       WORKING-STORAGE SECTION.
       01  BATCH-NAME                PIC X(200).
       01  BATCH-STATUS              PIC X(02).
       01  RECORD-COUNT                   PIC 9(09) COMP-5 VALUE 0.
       01  FOUND-COUNT               PIC 9(09) COMP-5 VALUE 0.
       01  FOUND-AMOUNT              PIC S9(15)V99 COMP-3 VALUE 0.
       01  FOUND-HASH                PIC 9(18) COMP-5 VALUE 0.
       01  RECORD-TYPE               PIC X(02).
       01  TEXT-13.
           05  TEXT-3                PIC X(03).
           05  FILLER                PIC X(10).
       01  TRAILER-COUNT             PIC X(07).
       01  TRAILER-HASH              PIC X(12).
       01  ACCOUNT                   PIC X(34).
       01  ACCOUNT-LENGTH            PIC 9(04) COMP-5.
       01  LAST-TEN                  PIC X(10).
       01  LAST-TEN-NUMBER REDEFINES LAST-TEN PIC 9(10).
       01  SEQUENCE-NUMBER           PIC X(07).
       01  AT-DIGIT                  PIC 9(04) COMP-5.
       01  SHOWN-RECORDS             PIC 9(09).
       01  SHOWN-COUNT               PIC 9(09).
       01  SHOWN-AMOUNT              PIC 9(15).99.
       01  SHOWN-HASH                PIC 9(12).
       01  EBCDIC-TEXT.
           05  FILLER                PIC X(11) VALUE
               X"40F0F1F2F3F4F5F6F7F8F9".
           05  FILLER                PIC X(13) VALUE
               X"C1C2C3C4C5C6C7C8C9D1D2D3D4".
           05  FILLER                PIC X(13) VALUE
               X"D5D6D7D8D9E2E3E4E5E6E7E8E9".
       01  ASCII-TEXT                PIC X(37) VALUE
           " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".
       PROCEDURE DIVISION.
       MAIN.
           ACCEPT BATCH-NAME FROM COMMAND-LINE.
           OPEN INPUT BATCH.
           IF BATCH-STATUS NOT = "00"
               DISPLAY "cannot open " FUNCTION TRIM(BATCH-NAME)
               MOVE 1 TO RETURN-CODE
               STOP RUN
           END-IF.
           PERFORM UNTIL BATCH-STATUS NOT = "00"
               READ BATCH
               IF BATCH-STATUS = "00"
                   ADD 1 TO RECORD-COUNT
                   PERFORM ONE-RECORD
               END-IF
           END-PERFORM.
           CLOSE BATCH.
           STOP RUN.
       ONE-RECORD.
           MOVE HDR-REC-TYPE TO RECORD-TYPE.
           INSPECT RECORD-TYPE CONVERTING EBCDIC-TEXT TO ASCII-TEXT.
           EVALUATE RECORD-TYPE
               WHEN "00"
                   MOVE HDR-CCY TO TEXT-3
                   INSPECT TEXT-3 CONVERTING EBCDIC-TEXT TO ASCII-TEXT
               WHEN "10"
                   PERFORM ONE-DETAIL
               WHEN "99"
                   PERFORM THE-TRAILER
               WHEN OTHER
                   DISPLAY "record " RECORD-COUNT " has the type "
                       RECORD-TYPE
           END-EVALUATE.
       ONE-DETAIL.
           ADD 1 TO FOUND-COUNT.
           ADD DTL-AMOUNT TO FOUND-AMOUNT.
           MOVE DTL-SEQ-NO TO SEQUENCE-NUMBER.
           INSPECT SEQUENCE-NUMBER CONVERTING EBCDIC-TEXT TO ASCII-TEXT.
           IF FUNCTION NUMVAL(SEQUENCE-NUMBER) NOT = FOUND-COUNT
               DISPLAY "detail " FOUND-COUNT " has the number "
                   SEQUENCE-NUMBER
           END-IF.
           MOVE DTL-CREDIT-IBAN TO ACCOUNT.
           INSPECT ACCOUNT CONVERTING EBCDIC-TEXT TO ASCII-TEXT.
           MOVE FUNCTION LENGTH(FUNCTION TRIM(ACCOUNT TRAILING))
               TO ACCOUNT-LENGTH.
           MOVE ALL "0" TO LAST-TEN.
           IF ACCOUNT-LENGTH >= 10
               MOVE ACCOUNT(ACCOUNT-LENGTH - 9:10) TO LAST-TEN
           ELSE
               MOVE ACCOUNT(1:ACCOUNT-LENGTH)
                   TO LAST-TEN(11 - ACCOUNT-LENGTH:ACCOUNT-LENGTH)
           END-IF.
           PERFORM VARYING AT-DIGIT FROM 1 BY 1 UNTIL AT-DIGIT > 10
               IF LAST-TEN(AT-DIGIT:1) NOT NUMERIC
                   MOVE "0" TO LAST-TEN(AT-DIGIT:1)
               END-IF
           END-PERFORM.
           ADD LAST-TEN-NUMBER TO FOUND-HASH.
       THE-TRAILER.
           MOVE TRL-TXN-COUNT TO TRAILER-COUNT.
           INSPECT TRAILER-COUNT CONVERTING EBCDIC-TEXT TO ASCII-TEXT.
           MOVE TRL-HASH-TOTAL TO TRAILER-HASH.
           INSPECT TRAILER-HASH CONVERTING EBCDIC-TEXT TO ASCII-TEXT.
           MOVE RECORD-COUNT TO SHOWN-RECORDS.
           DISPLAY SHOWN-RECORDS " " WITH NO ADVANCING.
           MOVE FOUND-COUNT TO SHOWN-COUNT.
           MOVE FOUND-AMOUNT TO SHOWN-AMOUNT.
           MOVE FOUND-HASH TO SHOWN-HASH.
           DISPLAY SHOWN-COUNT " " SHOWN-AMOUNT " " SHOWN-HASH " "
               WITH NO ADVANCING.
           MOVE TRL-TOTAL-AMOUNT TO SHOWN-AMOUNT.
           DISPLAY TRAILER-COUNT " " SHOWN-AMOUNT " " TRAILER-HASH " "
               TEXT-3.
