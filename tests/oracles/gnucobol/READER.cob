      * Reads the records of records.bin and writes their values to standard output.
      * Its argument: FIXED, EBCDIC (the same, display items in 037), NATIVE or TABLES.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. READER.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY "FIXED.cpy".
       COPY "NATIVE.cpy".
       COPY "TABLES.cpy".
       01  WS-MODE             PIC X(20).
       01  WS-LENGTH           BINARY-LONG.
       01  WS-I                PIC 9(02).
       01  WS-J                PIC 9(02).
       01  WS-SHOWN            PIC -(14)9.9(06).
       01  WS-INDEX            PIC 9.
       01  WS-GOT              BINARY-LONG.
       PROCEDURE DIVISION.
       MAIN.
           ACCEPT WS-MODE FROM COMMAND-LINE.
           CALL "BYTEOPEN" USING "R".
           MOVE 1 TO WS-GOT.
           PERFORM UNTIL WS-GOT = 0
               EVALUATE WS-MODE
                   WHEN "NATIVE" PERFORM READ-NATIVE
                   WHEN "TABLES" PERFORM READ-TABLES
                   WHEN OTHER PERFORM READ-FIXED
               END-EVALUATE
           END-PERFORM.
           CALL "BYTECLOSE".
           STOP RUN.
       READ-FIXED.
           MOVE LENGTH OF FIXED-REC TO WS-LENGTH.
           CALL "BYTEPEEK" USING FIXED-REC BY VALUE WS-LENGTH
               RETURNING WS-GOT.
           IF WS-GOT > 0
               IF WS-MODE = "EBCDIC" PERFORM CONVERT-FIXED END-IF
               PERFORM SHOW-FIXED
               CALL "BYTESKIP" USING BY VALUE WS-LENGTH
           END-IF.
       READ-NATIVE.
           MOVE LENGTH OF NATIVE-REC TO WS-LENGTH.
           CALL "BYTEPEEK" USING NATIVE-REC BY VALUE WS-LENGTH
               RETURNING WS-GOT.
           IF WS-GOT > 0
               PERFORM SHOW-NATIVE
               CALL "BYTESKIP" USING BY VALUE WS-LENGTH
           END-IF.
       READ-TABLES.
           MOVE 5 TO N-1.
           MOVE 9 TO N-2.
           MOVE FUNCTION LENGTH (TABLES-REC) TO WS-LENGTH.
           CALL "BYTEPEEK" USING TABLES-REC BY VALUE WS-LENGTH
               RETURNING WS-GOT.
           IF WS-GOT > 0
               PERFORM SHOW-TABLES
               MOVE FUNCTION LENGTH (TABLES-REC) TO WS-LENGTH
               CALL "BYTESKIP" USING BY VALUE WS-LENGTH
           END-IF.
       CONVERT-FIXED.
           CALL "TOASCII" USING A-TEXT BY VALUE 10.
           CALL "TOASCII" USING A-RIGHT BY VALUE 8.
           CALL "TOASCII" USING Z-UNSIGNED BY VALUE 5.
           CALL "TOASCII" USING Z-TRAILING BY VALUE 7.
           CALL "TOASCII" USING Z-LEADING BY VALUE 7.
           CALL "TOASCII" USING Z-TRAILING-SEP BY VALUE 8.
           CALL "TOASCII" USING Z-LEADING-SEP BY VALUE 8.
           CALL "TOASCII" USING Z-LONG BY VALUE 18.
           CALL "TOASCII" USING Z-SCALED BY VALUE 3.
           CALL "TOASCII" USING Z-SMALL BY VALUE 4.
           CALL "TOASCII" USING Z-BLANK BY VALUE 4.
           CALL "TOASCII" USING E-SIGN BY VALUE 10.
           CALL "TOASCII" USING E-STARS BY VALUE 10.
           CALL "TOASCII" USING A-DATE BY VALUE 8.
           CALL "TOASCII" USING A-BYTE BY VALUE 1.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > 3
               CALL "TOASCII" USING T-TEXT (WS-I) BY VALUE 2
           END-PERFORM.
       SHOW-FIXED.
           MOVE A-YEAR TO WS-SHOWN.
           DISPLAY "A-YEAR=" WS-SHOWN.
           MOVE A-MONTH TO WS-SHOWN.
           DISPLAY "A-MONTH=" WS-SHOWN.
           MOVE A-DAY TO WS-SHOWN.
           DISPLAY "A-DAY=" WS-SHOWN.
           DISPLAY "A-TEXT=" A-TEXT.
           DISPLAY "A-RIGHT=" A-RIGHT.
           DISPLAY "E-SIGN=" E-SIGN.
           DISPLAY "E-STARS=" E-STARS.
           DISPLAY "A-DATE=" A-DATE.
           DISPLAY "A-BYTE=" A-BYTE.
           MOVE Z-UNSIGNED TO WS-SHOWN.
           DISPLAY "Z-UNSIGNED=" WS-SHOWN.
           MOVE Z-TRAILING TO WS-SHOWN.
           DISPLAY "Z-TRAILING=" WS-SHOWN.
           MOVE Z-LEADING TO WS-SHOWN.
           DISPLAY "Z-LEADING=" WS-SHOWN.
           MOVE Z-TRAILING-SEP TO WS-SHOWN.
           DISPLAY "Z-TRAILING-SEP=" WS-SHOWN.
           MOVE Z-LEADING-SEP TO WS-SHOWN.
           DISPLAY "Z-LEADING-SEP=" WS-SHOWN.
           MOVE Z-LONG TO WS-SHOWN.
           DISPLAY "Z-LONG=" WS-SHOWN.
           MOVE Z-SCALED TO WS-SHOWN.
           DISPLAY "Z-SCALED=" WS-SHOWN.
           MOVE Z-SMALL TO WS-SHOWN.
           DISPLAY "Z-SMALL=" WS-SHOWN.
           MOVE Z-BLANK TO WS-SHOWN.
           DISPLAY "Z-BLANK=" WS-SHOWN.
           MOVE P-ODD TO WS-SHOWN.
           DISPLAY "P-ODD=" WS-SHOWN.
           MOVE P-EVEN TO WS-SHOWN.
           DISPLAY "P-EVEN=" WS-SHOWN.
           MOVE P-UNSIGNED TO WS-SHOWN.
           DISPLAY "P-UNSIGNED=" WS-SHOWN.
           MOVE P-LONG TO WS-SHOWN.
           DISPLAY "P-LONG=" WS-SHOWN.
           MOVE B-HALF TO WS-SHOWN.
           DISPLAY "B-HALF=" WS-SHOWN.
           MOVE B-FULL TO WS-SHOWN.
           DISPLAY "B-FULL=" WS-SHOWN.
           MOVE B-DOUBLE TO WS-SHOWN.
           DISPLAY "B-DOUBLE=" WS-SHOWN.
           MOVE B-UNSIGNED TO WS-SHOWN.
           DISPLAY "B-UNSIGNED=" WS-SHOWN.
           MOVE S-HALF TO WS-SHOWN.
           DISPLAY "S-HALF=" WS-SHOWN.
           MOVE S-FULL TO WS-SHOWN.
           DISPLAY "S-FULL=" WS-SHOWN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > 3
               MOVE WS-I TO WS-INDEX
               DISPLAY "T-TEXT(" WS-INDEX ")=" T-TEXT (WS-I)
               MOVE T-NUMBER (WS-I) TO WS-SHOWN
               DISPLAY "T-NUMBER(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           DISPLAY "---".
       SHOW-NATIVE.
           MOVE N-HALF TO WS-SHOWN.
           DISPLAY "N-HALF=" WS-SHOWN.
           MOVE N-FULL TO WS-SHOWN.
           DISPLAY "N-FULL=" WS-SHOWN.
           MOVE N-DOUBLE TO WS-SHOWN.
           DISPLAY "N-DOUBLE=" WS-SHOWN.
           MOVE N-UNSIGNED TO WS-SHOWN.
           DISPLAY "N-UNSIGNED=" WS-SHOWN.
           MOVE N-SHORT-FLOAT TO WS-SHOWN.
           DISPLAY "N-SHORT-FLOAT=" WS-SHOWN.
           MOVE N-LONG-FLOAT TO WS-SHOWN.
           DISPLAY "N-LONG-FLOAT=" WS-SHOWN.
           DISPLAY "---".
       SHOW-TABLES.
           MOVE N-1 TO WS-SHOWN.
           DISPLAY "N-1=" WS-SHOWN.
           MOVE N-2 TO WS-SHOWN.
           DISPLAY "N-2=" WS-SHOWN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-1
               MOVE WS-I TO WS-INDEX
               DISPLAY "T-1-TEXT(" WS-INDEX ")=" T-1-TEXT (WS-I)
               MOVE T-1-NUMBER (WS-I) TO WS-SHOWN
               DISPLAY "T-1-NUMBER(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           DISPLAY "BETWEEN=" BETWEEN.
           PERFORM VARYING WS-I FROM 1 BY 1 UNTIL WS-I > N-2
               MOVE WS-I TO WS-INDEX
               MOVE T-2 (WS-I) TO WS-SHOWN
               DISPLAY "T-2(" WS-INDEX ")=" WS-SHOWN
           END-PERFORM.
           MOVE BEHIND TO WS-SHOWN.
           DISPLAY "BEHIND=" WS-SHOWN.
           DISPLAY "---".
